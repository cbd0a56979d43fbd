package org.parley.core.conversation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.AttemptId;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.ConsentState;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.MessageRequest;
import org.parley.core.api.StepKey;
import org.parley.core.api.Template;
import org.parley.core.conversation.ConversationEvent.ConsentChanged;
import org.parley.core.conversation.ConversationEvent.OutreachHeld;
import org.parley.core.conversation.ConversationEvent.ReplyReceived;
import org.parley.core.spi.ReplyClassifier.Keyword;
import org.parley.core.spi.ReplyClassifier.Meaning;

/** What follows from what a customer wrote. Pure. */
final class Replies {
  private static final String SOURCE = "reply";
  private static final String ANSWER = "re_";

  private Replies() {}

  /**
   * What a customer wrote.
   *
   * @param to the touch it answers, where that is known
   * @param quiet whether a command is obeyed without a word
   */
  record Written(
      String carrierMessageId, Channel channel, String text, Optional<StepKey> to, boolean quiet) {}

  /**
   * The events of an answer; none when it has been taken before.
   *
   * @param definition of the campaign it answers; null for a single message or nothing
   */
  static List<ConversationEvent> events(
      CustomerKey customer,
      ConversationState state,
      Written reply,
      Meaning meaning,
      @Nullable CampaignDefinition definition,
      ReplySettings settings,
      Instant now) {
    if (state.replyIds().contains(reply.carrierMessageId())) return List.of();
    List<ConversationEvent> events = new ArrayList<>(3);
    events.add(
        new ReplyReceived(
            reply.carrierMessageId(),
            reply.channel(),
            reply.text(),
            reply.to(),
            Optional.of(meaning.intent()),
            Optional.of(meaning.sentiment()),
            meaning.keyword(),
            now));
    if (meaning.keyword().isPresent()) {
      Keyword keyword = meaning.keyword().get();
      Optional<ConsentChanged> change = change(state, reply.channel(), keyword, now);
      change.ifPresent(events::add);
      boolean says = keyword == Keyword.HELP ? state.dialogue().maybeHelp(now) : change.isPresent();
      if (says && !reply.quiet()) {
        settings
            .answer(keyword, reply.channel(), state.profile().locale())
            .ifPresent(template -> events.add(answer(customer, reply, template, now)));
      }
    } else if (definition != null && reply.to().isPresent()) {
      events.addAll(
          NextStep.afterReply(definition, state, reply.to().get(), meaning.intent(), now));
    }
    return events;
  }

  private static Optional<ConsentChanged> change(
      ConversationState state, Channel channel, Keyword keyword, Instant now) {
    if (keyword == Keyword.HELP) return Optional.empty();
    ConsentState wanted = keyword == Keyword.STOP ? ConsentState.OPTED_OUT : ConsentState.OPTED_IN;
    return state.consent().get(channel) == wanted
        ? Optional.empty()
        : Optional.of(new ConsentChanged(Map.of(channel, wanted), SOURCE, now));
  }

  /** A transactional message that is due at once; its row of due work sees that it is not lost. */
  private static OutreachHeld answer(
      CustomerKey customer, Written reply, Template template, Instant now) {
    return new OutreachHeld(
        answerKey(customer, reply.carrierMessageId()),
        reply.channel(),
        "answer",
        Optional.empty(),
        Optional.of(new MessageRequest(reply.channel(), Category.TRANSACTIONAL, template)),
        now,
        Optional.empty(),
        Optional.empty(),
        now);
  }

  private static StepKey answerKey(CustomerKey customer, String carrierMessageId) {
    String hash = AttemptId.of(customer, StepKey.message(carrierMessageId), 0).value();
    return StepKey.message(ANSWER + hash);
  }

  /** Whether a touch is what a command was answered with: it may be said to whoever opts out. */
  static boolean isAnswer(CustomerKey customer, ConversationState state, StepKey key) {
    if (!key.isMessage() || !key.stepId().startsWith(ANSWER)) return false;
    for (String id : state.replyIds()) if (answerKey(customer, id).equals(key)) return true;
    return false;
  }
}
