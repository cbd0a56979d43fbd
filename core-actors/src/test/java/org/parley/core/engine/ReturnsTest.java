package org.parley.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.pekko.actor.testkit.typed.javadsl.TestInbox;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.Test;
import org.parley.core.api.AttemptId;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.ConversationMessage;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.Profile;
import org.parley.core.api.StepKey;
import org.parley.core.api.Template;
import org.parley.core.check.ProfileCheck;
import org.parley.core.check.ReturnTokens;
import org.parley.core.conversation.ConversationCommand.Knows;
import org.parley.core.conversation.ConversationCommand.ReturnTaken;
import org.parley.core.conversation.ConversationCommand.ReturnTaken.Fate;
import org.parley.core.conversation.ConversationCommand.TakeBounce;
import org.parley.core.conversation.ConversationCommand.TakeReceipt;
import org.parley.core.conversation.ConversationCommand.TakeReply;
import org.parley.core.spi.AddressBook;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.Inbound.Bounce;
import org.parley.core.spi.Inbound.Receipt;
import org.parley.core.spi.Inbound.Reply;
import org.parley.core.spi.Inbound.Taken;
import org.parley.core.spi.ReplyClassifier.Keyword;
import org.parley.core.spi.Stores;
import org.parley.core.spi.SubmissionStore;
import org.parley.core.spi.SubmissionStore.Submission;

/** Whose conversation is meant by what comes back, and what the carrier may be told. */
class ReturnsTest {
  private static final Instant AT = Instant.parse("2026-11-24T10:00:00Z");
  private static final StepKey HELLO = new StepKey("cmp_1", "hello");
  private static final CustomerKey ADA = CustomerKey.of("ada");
  private static final CustomerKey BOB = CustomerKey.of("bob");
  private static final AttemptId BOBS = AttemptId.of(BOB, HELLO, 1);

  private record Told(CustomerKey customer, ConversationMessage message) {}

  private final Map<String, List<String>> book = new HashMap<>();
  private final List<Told> told = new ArrayList<>();
  private final Map<CustomerKey, ReturnTaken> answers = new HashMap<>();
  private Optional<Submission> submission = Optional.empty();
  private final Returns returns =
      new Returns(
          "default",
          stores(),
          new ReturnTokens(new byte[32]),
          new ProfileCheck(Optional.of("GB")),
          new Conversations() {
            @Override
            @SuppressWarnings("unchecked")
            public <R> CompletionStage<R> ask(
                CustomerKey customer, Function<ActorRef<R>, ConversationMessage> message) {
              ConversationMessage asked = message.apply(TestInbox.<R>create().getRef());
              told.add(new Told(customer, asked));
              return CompletableFuture.completedFuture((R) answer(customer, asked));
            }
          });

  private ReturnTaken answer(CustomerKey customer, ConversationMessage asked) {
    if (asked instanceof Knows knows) {
      boolean his = customer.equals(BOB) && knows.attempt().equals(BOBS);
      return new ReturnTaken(his ? Fate.RECORDED : Fate.UNMATCHED, Optional.empty());
    }
    return answers.getOrDefault(customer, new ReturnTaken(Fate.RECORDED, Optional.empty()));
  }

  private Stores stores() {
    AddressBook addresses =
        (tenant, channel, address) ->
            CompletableFuture.completedFuture(
                book.getOrDefault(channel.label() + ' ' + address, List.of()));
    SubmissionStore submissions =
        (SubmissionStore)
            proxy(
                SubmissionStore.class,
                name -> name.equals("find") ? CompletableFuture.completedFuture(submission) : null);
    return (Stores)
        proxy(
            Stores.class,
            name ->
                switch (name) {
                  case "addresses" -> addresses;
                  case "submissions" -> submissions;
                  default -> null;
                });
  }

  private static Object proxy(
      Class<?> type, Function<String, @org.jspecify.annotations.Nullable Object> answers) {
    return Proxy.newProxyInstance(
        type.getClassLoader(),
        new Class<?>[] {type},
        (self, method, arguments) -> {
          Object answer = answers.apply(method.getName());
          if (answer == null) throw new UnsupportedOperationException(method.getName());
          return answer;
        });
  }

  private static <T> T get(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  private static Reply reply(
      Channel channel, String from, Optional<String> token, Optional<AttemptId> inReplyTo) {
    return new Reply("mx", channel, "in-1", from, token, inReplyTo, "STOP", AT);
  }

  private <M> List<CustomerKey> who(Class<M> type) {
    return told.stream().filter(t -> type.isInstance(t.message())).map(Told::customer).toList();
  }

  private String token(CustomerKey customer) {
    return returns
        .returnToken(
            new Attempt(
                AttemptId.of(customer, HELLO, 1),
                customer,
                HELLO,
                1,
                Channel.EMAIL,
                Category.MARKETING,
                "ada@example.com",
                Profile.EMPTY,
                Template.text("Hi", "Hi"),
                Optional.empty(),
                AT,
                AT))
        .orElseThrow();
  }

  @Test
  void aTokenSaysWhoIsMeantWhateverTheSender() {
    String token = token(ADA).toUpperCase(java.util.Locale.ROOT);
    Reply reply = reply(Channel.EMAIL, "other@example.com", Optional.of(token), Optional.empty());
    assertThat(get(returns.reply(reply))).isEqualTo(Taken.RECORDED);
    assertThat(who(TakeReply.class)).containsExactly(ADA);
    TakeReply taken = (TakeReply) told.get(0).message();
    assertThat(taken.mark()).contains(ReturnTokens.mark(HELLO));
  }

  @Test
  void aForgedTokenIsNobodysEvenFromAKnownAddress() {
    book.put("email ada@example.com", List.of("ada"));
    Reply forged =
        reply(Channel.EMAIL, "ada@example.com", Optional.of("abcdefgh"), Optional.empty());
    assertThat(get(returns.reply(forged))).isEqualTo(Taken.UNMATCHED);
    assertThat(told).isEmpty();
  }

  @Test
  void withoutATokenTheAddressSaysWhoInWhateverFormItComes() {
    book.put("sms +442079460000", List.of("bob", "ada"));
    Reply reply = reply(Channel.SMS, "020 7946 0000", Optional.empty(), Optional.empty());
    assertThat(get(returns.reply(reply))).isEqualTo(Taken.RECORDED);
    assertThat(who(TakeReply.class)).containsExactly(BOB);
  }

  @Test
  void ofSeveralCustomersTheOneThatKnowsTheAttemptIsMeant() {
    book.put("email ada@example.com", List.of("ada", "bob", "carol"));
    Reply reply = reply(Channel.EMAIL, "ada@example.com", Optional.empty(), Optional.of(BOBS));
    assertThat(get(returns.reply(reply))).isEqualTo(Taken.RECORDED);
    assertThat(who(TakeReply.class)).containsExactly(BOB);
  }

  @Test
  void stopIsForEverybodyWithTheNumberAndOnlyOneOfThemAnswers() {
    book.put("sms +442079460000", List.of("ada", "bob", "carol"));
    answers.put(ADA, new ReturnTaken(Fate.RECORDED, Optional.of(Keyword.STOP)));
    Reply reply = reply(Channel.SMS, "+442079460000", Optional.empty(), Optional.empty());
    assertThat(get(returns.reply(reply))).isEqualTo(Taken.RECORDED);
    assertThat(who(TakeReply.class)).containsExactly(ADA, BOB, CustomerKey.of("carol"));
    for (Told each : told) {
      TakeReply taken = (TakeReply) each.message();
      assertThat(taken.quiet()).isEqualTo(!each.customer().equals(ADA));
      if (taken.quiet()) assertThat(taken.keyword()).contains(Keyword.STOP);
    }
  }

  @Test
  void whoIsBusyIsNotToldToTheCarrierAsTaken() {
    book.put("sms +442079460000", List.of("ada"));
    answers.put(ADA, new ReturnTaken(Fate.BUSY, Optional.empty()));
    CompletionStage<Taken> taken =
        returns.reply(reply(Channel.SMS, "+442079460000", Optional.empty(), Optional.empty()));
    assertThatThrownBy(() -> get(taken)).isInstanceOf(CompletionException.class);
  }

  @Test
  void nobodyHereIsMeant() {
    Reply reply = reply(Channel.SMS, "+442079460000", Optional.empty(), Optional.empty());
    assertThat(get(returns.reply(reply))).isEqualTo(Taken.UNMATCHED);
  }

  private static Receipt receipt(Receipt.State state) {
    return new Receipt(
        "smsc", "4fa1", OptionalInt.empty(), "+442079460000", state, Optional.empty(), AT);
  }

  @Test
  void aReceiptGoesToTheCustomerOfItsSubmission() {
    assertThat(get(returns.receipt(receipt(Receipt.State.DELIVERED)))).isEqualTo(Taken.UNMATCHED);
    submission = Optional.of(new Submission("smsc", BOBS, BOB, 7, "+442079460000", AT));
    assertThat(get(returns.receipt(receipt(Receipt.State.UNDER_WAY)))).isEqualTo(Taken.RECORDED);
    assertThat(told).isEmpty();
    assertThat(get(returns.receipt(receipt(Receipt.State.DELIVERED)))).isEqualTo(Taken.RECORDED);
    assertThat(who(TakeReceipt.class)).containsExactly(BOB);
    assertThat(((TakeReceipt) told.get(0).message()).attempt()).contains(BOBS);
  }

  private static Bounce bounce(Optional<String> token, Optional<AttemptId> attempt) {
    return new Bounce(
        "mx",
        Channel.EMAIL,
        "in-2",
        Bounce.Kind.HARD,
        token,
        attempt,
        Optional.of("ada@example.com"),
        Optional.of("5.1.1"),
        AT);
  }

  @Test
  void aBounceIsBelievedWithATokenOrAnAttemptOnly() {
    book.put("email ada@example.com", List.of("bob"));
    assertThat(get(returns.bounce(bounce(Optional.empty(), Optional.empty()))))
        .isEqualTo(Taken.UNMATCHED);
    AttemptId stranger = AttemptId.of(ADA, HELLO, 1);
    assertThat(get(returns.bounce(bounce(Optional.empty(), Optional.of(stranger)))))
        .isEqualTo(Taken.UNMATCHED);
    assertThat(who(TakeBounce.class)).isEmpty();
    assertThat(get(returns.bounce(bounce(Optional.empty(), Optional.of(BOBS)))))
        .isEqualTo(Taken.RECORDED);
    assertThat(get(returns.bounce(bounce(Optional.of(token(ADA)), Optional.empty()))))
        .isEqualTo(Taken.RECORDED);
    assertThat(who(TakeBounce.class)).containsExactly(BOB, ADA);
  }
}
