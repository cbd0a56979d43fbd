package org.parley.core.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import kamon.Kamon;
import kamon.tag.TagSet;
import org.apache.pekko.actor.typed.ActorRef;
import org.parley.core.api.AttemptId;
import org.parley.core.api.Channel;
import org.parley.core.api.ConversationMessage;
import org.parley.core.api.CustomerKey;
import org.parley.core.check.NotAcceptable;
import org.parley.core.check.ProfileCheck;
import org.parley.core.check.ReturnTokens;
import org.parley.core.conversation.ConversationCommand.Knows;
import org.parley.core.conversation.ConversationCommand.ReturnTaken;
import org.parley.core.conversation.ConversationCommand.TakeBounce;
import org.parley.core.conversation.ConversationCommand.TakeReceipt;
import org.parley.core.conversation.ConversationCommand.TakeReply;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.Inbound;
import org.parley.core.spi.ReplyClassifier.Keyword;
import org.parley.core.spi.Stores;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings what comes back from carriers to the conversation it belongs to. Thread-safe. */
final class Returns implements Inbound {
  /** Longer than a conversation may take to answer, so that its own failure is seen first. */
  static final Duration TIMEOUT = Duration.ofSeconds(25);

  private static final int MAX_CUSTOMERS = 20;
  private static final Logger LOG = LoggerFactory.getLogger(Returns.class);

  private final String tenant;
  private final Stores stores;
  private final ReturnTokens tokens;
  private final ProfileCheck addresses;
  private final Conversations conversations;

  /**
   * @param addresses knows the one form of an address
   */
  Returns(
      String tenant,
      Stores stores,
      ReturnTokens tokens,
      ProfileCheck addresses,
      Conversations conversations) {
    this.tenant = tenant;
    this.stores = stores;
    this.tokens = tokens;
    this.addresses = addresses;
    this.conversations = conversations;
  }

  @Override
  public Optional<String> returnToken(Attempt attempt) {
    return tokens.sign(attempt.customer(), attempt.key());
  }

  @Override
  public CompletionStage<Taken> reply(Reply reply) {
    return counted("reply", reply.carrier(), () -> takeReply(reply));
  }

  @Override
  public CompletionStage<Taken> receipt(Receipt receipt) {
    if (receipt.state() == Receipt.State.UNDER_WAY) {
      return CompletableFuture.completedFuture(Taken.RECORDED);
    }
    return counted("receipt", receipt.carrier(), () -> takeReceipt(receipt));
  }

  @Override
  public CompletionStage<Taken> bounce(Bounce bounce) {
    return counted("bounce", bounce.carrier(), () -> takeBounce(bounce));
  }

  private CompletionStage<Taken> takeReply(Reply reply) {
    Claimed claimed = claimed(reply.token(), reply.carrier());
    if (claimed.isForged()) return unmatched();
    String from = normal(reply.channel(), reply.from());
    return whose(claimed, reply.channel(), Optional.of(from), reply.inReplyTo())
        .thenCompose(
            customers -> {
              if (customers.isEmpty()) return unmatched();
              CustomerKey customer = customers.get(0);
              return ask(
                      customer,
                      to -> take(reply, claimed.mark(), reply.inReplyTo(), Optional.empty(), to))
                  .thenCompose(taken -> stopOthers(reply, from, customer, taken));
            });
  }

  /** Whoever says STOP says it for everybody whom the address belongs to. */
  private CompletionStage<Taken> stopOthers(
      Reply reply, String from, CustomerKey first, ReturnTaken taken) {
    if (taken.keyword().filter(k -> k == Keyword.STOP).isEmpty()) return recorded();
    return customers(reply.channel(), from)
        .thenCompose(
            all -> {
              List<CompletionStage<ReturnTaken>> told = new ArrayList<>();
              for (CustomerKey other : all) {
                if (other.equals(first)) continue;
                told.add(
                    ask(
                        other,
                        to ->
                            take(reply, Optional.empty(), Optional.empty(), taken.keyword(), to)));
              }
              return all(told).thenApply(done -> Taken.RECORDED);
            });
  }

  private static TakeReply take(
      Reply reply,
      Optional<String> mark,
      Optional<AttemptId> attempt,
      Optional<Keyword> found,
      ActorRef<ReturnTaken> replyTo) {
    return new TakeReply(
        reply.carrierMessageId(),
        reply.channel(),
        reply.text(),
        mark,
        attempt,
        found,
        reply.automatic(),
        found.isPresent(),
        replyTo);
  }

  private CompletionStage<Taken> takeReceipt(Receipt receipt) {
    return stores
        .submissions()
        .find(receipt)
        .thenCompose(
            found -> {
              if (found.isEmpty()) return unmatched();
              return ask(
                      found.get().customer(),
                      to ->
                          new TakeReceipt(
                              Optional.of(found.get().attempt()),
                              receipt.state() == Receipt.State.DELIVERED,
                              receipt.reason(),
                              receipt.carrier(),
                              receipt.carrierRef(),
                              receipt.at(),
                              to))
                  .thenApply(Returns::told);
            });
  }

  private CompletionStage<Taken> takeBounce(Bounce bounce) {
    Claimed claimed = claimed(bounce.token(), bounce.carrier());
    if (claimed.isForged()) return unmatched();
    Optional<String> address = bounce.address().map(raw -> normal(bounce.channel(), raw));
    // An address alone proves nothing: anybody may claim that it bounces.
    if (claimed.customer().isEmpty() && bounce.attempt().isEmpty()) return unmatched();
    return whose(claimed, bounce.channel(), address, bounce.attempt())
        .thenCompose(
            customers -> {
              if (customers.isEmpty()) return unmatched();
              CustomerKey customer = customers.get(0);
              return provenBy(claimed, customer, bounce.attempt())
                  .thenCompose(
                      proven ->
                          proven
                              ? ask(customer, to -> take(bounce, claimed.mark(), address, to))
                                  .thenApply(Returns::told)
                              : unmatched());
            });
  }

  private static TakeBounce take(
      Bounce bounce,
      Optional<String> mark,
      Optional<String> address,
      ActorRef<ReturnTaken> replyTo) {
    return new TakeBounce(
        bounce.kind(),
        bounce.channel(),
        mark,
        bounce.attempt(),
        address,
        bounce.carrier(),
        bounce.at(),
        replyTo);
  }

  private CompletionStage<Boolean> provenBy(
      Claimed claimed, CustomerKey customer, Optional<AttemptId> attempt) {
    if (claimed.customer().isPresent()) return CompletableFuture.completedFuture(true);
    return attempt.isEmpty()
        ? CompletableFuture.completedFuture(false)
        : knows(customer, attempt.get());
  }

  // ---- whose is it?

  /** What a token says of the customer, when it was signed here. */
  private record Claimed(boolean isForged, Optional<CustomerKey> customer, Optional<String> mark) {}

  private Claimed claimed(Optional<String> token, String carrier) {
    if (token.isEmpty()) return new Claimed(false, Optional.empty(), Optional.empty());
    Optional<ReturnTokens.Claim> claim = tokens.verify(token.get());
    if (claim.isEmpty()) count("token", carrier, "forged");
    return new Claimed(
        claim.isEmpty(),
        claim.map(ReturnTokens.Claim::customer),
        claim.map(ReturnTokens.Claim::mark));
  }

  /** The customers in question, the likeliest first. */
  private CompletionStage<List<CustomerKey>> whose(
      Claimed claimed, Channel channel, Optional<String> address, Optional<AttemptId> attempt) {
    if (claimed.customer().isPresent()) {
      return CompletableFuture.completedFuture(List.of(claimed.customer().get()));
    }
    if (address.isEmpty()) return CompletableFuture.completedFuture(List.of());
    return customers(channel, address.get())
        .thenCompose(
            all ->
                all.size() < 2 || attempt.isEmpty()
                    ? CompletableFuture.completedFuture(all)
                    : whoKnowsFirst(all, attempt.get()));
  }

  private CompletionStage<List<CustomerKey>> customers(Channel channel, String address) {
    return stores
        .addresses()
        .customers(tenant, channel, address)
        .thenApply(ids -> ids.stream().limit(MAX_CUSTOMERS).map(CustomerKey::of).toList());
  }

  private CompletionStage<List<CustomerKey>> whoKnowsFirst(
      List<CustomerKey> customers, AttemptId attempt) {
    List<CompletionStage<Boolean>> asked = new ArrayList<>();
    for (CustomerKey customer : customers) asked.add(knows(customer, attempt));
    return all(asked)
        .thenApply(
            known -> {
              List<CustomerKey> ordered = new ArrayList<>(customers);
              int first = known.indexOf(true);
              if (first > 0) ordered.add(0, ordered.remove(first));
              return ordered;
            });
  }

  private CompletionStage<Boolean> knows(CustomerKey customer, AttemptId attempt) {
    return ask(customer, to -> new Knows(attempt, to))
        .thenApply(answer -> answer.fate() == ReturnTaken.Fate.RECORDED);
  }

  /** An address in the form that profiles have; one that has none is looked for as it is. */
  private String normal(Channel channel, String address) {
    try {
      return channel == Channel.EMAIL ? addresses.email(address) : addresses.phone(address);
    } catch (NotAcceptable e) {
      return address;
    }
  }

  // ---- shared by the above

  private CompletionStage<ReturnTaken> ask(
      CustomerKey customer, Function<ActorRef<ReturnTaken>, ConversationMessage> message) {
    return conversations
        .ask(customer, message)
        .thenApply(
            answer -> {
              if (answer.fate() != ReturnTaken.Fate.BUSY) return answer;
              throw new java.util.concurrent.CompletionException(
                  new TimeoutException("the campaign of the touch does not answer"));
            });
  }

  private static Taken told(ReturnTaken answer) {
    return answer.fate() == ReturnTaken.Fate.UNMATCHED ? Taken.UNMATCHED : Taken.RECORDED;
  }

  private static CompletionStage<Taken> recorded() {
    return CompletableFuture.completedFuture(Taken.RECORDED);
  }

  private static CompletionStage<Taken> unmatched() {
    return CompletableFuture.completedFuture(Taken.UNMATCHED);
  }

  /** All of them, in their order; fails when one does. */
  private static <T> CompletionStage<List<T>> all(List<CompletionStage<T>> stages) {
    CompletionStage<List<T>> out = CompletableFuture.completedFuture(List.of());
    for (CompletionStage<T> stage : stages) {
      out =
          out.thenCombine(
              stage,
              (before, value) -> {
                List<T> more = new ArrayList<>(before);
                more.add(value);
                return more;
              });
    }
    return out;
  }

  private static CompletionStage<Taken> counted(
      String kind, String carrier, java.util.function.Supplier<CompletionStage<Taken>> work) {
    CompletionStage<Taken> begun;
    try {
      begun = work.get();
    } catch (RuntimeException e) {
      begun = CompletableFuture.failedFuture(e);
    }
    return begun
        .thenApply(Function.<Taken>identity())
        .toCompletableFuture()
        .orTimeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete(
            (taken, failure) -> {
              if (taken == Taken.UNMATCHED) {
                LOG.info("A {} from carrier {} belongs to nobody here", kind, carrier);
              }
              count(
                  kind,
                  carrier,
                  failure != null ? "failed" : taken == Taken.UNMATCHED ? "unmatched" : "recorded");
            });
  }

  private static void count(String kind, String carrier, String result) {
    Kamon.counter("parley.returns")
        .withTags(
            TagSet.builder()
                .add("kind", kind)
                .add("carrier", carrier)
                .add("result", result)
                .build())
        .increment();
  }
}
