package org.parley.core.conversation;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.parley.core.api.ConversationMessage;
import org.parley.core.conversation.ConversationCommand.Looked;

/**
 * Whether a conversation knows all that its journal has. A write would tell that it is behind: a
 * write of its own that was thought lost, or another node's that took over. An answer without one
 * is given only once the journal has said how far it goes.
 */
final class Freshness {
  /** How old what is shown may be, when another incarnation has written in the meantime. */
  private static final long FRESH_NANOS = Duration.ofSeconds(10).toNanos();

  /** How long who only wants to be shown something waits for the journal, before asking again. */
  private static final Duration SHOWN_WITHIN = Duration.ofMillis(400);

  private final ActorContext<ConversationMessage> context;
  private final ConversationParts parts;
  private final String persistenceId;

  // Counts the times that we were read; what was made of what an earlier time knew is not sent.
  private int incarnation;

  // When we were last known to be what the journal says.
  private long currentNanos;

  Freshness(
      ActorContext<ConversationMessage> context, ConversationParts parts, String persistenceId) {
    this.context = context;
    this.parts = parts;
    this.persistenceId = persistenceId;
  }

  /** All was just read. */
  void read() {
    incarnation++;
    currentNanos = parts.nanoClock().getAsLong();
  }

  /** Whether what is known was all that there is a moment ago, which is good enough to be shown. */
  boolean isGoodToShow() {
    return parts.nanoClock().getAsLong() - currentNanos < FRESH_NANOS;
  }

  /** Asks how far the journal goes; {@link Looked} tells it, with the answer that waits for it. */
  <R> void look(ActorRef<R> replyTo, R answer) {
    look(replyTo, answer, parts.journal().last(persistenceId));
  }

  /**
   * The same for who only wants to be shown something.
   *
   * @param known how far we know the journal to go: that is told when it does not answer soon
   */
  <R> void lookBriefly(ActorRef<R> replyTo, R answer, long known) {
    look(replyTo, answer, lastOr(known));
  }

  private CompletionStage<Long> lastOr(long known) {
    CompletableFuture<Long> last = new CompletableFuture<>();
    Cancellable late =
        context
            .getSystem()
            .scheduler()
            .scheduleOnce(SHOWN_WITHIN, () -> last.complete(known), context.getExecutionContext());
    var unused =
        parts
            .journal()
            .last(persistenceId)
            .whenComplete(
                (said, failure) -> {
                  late.cancel();
                  last.complete(failure == null ? said : known);
                });
    return last;
  }

  private <R> void look(ActorRef<R> replyTo, R answer, CompletionStage<Long> toSay) {
    int asked = incarnation;
    long askedNanos = parts.nanoClock().getAsLong();
    context.pipeToSelf(
        toSay,
        (last, failure) ->
            new Looked<>(answer, replyTo, asked, askedNanos, Optional.ofNullable(last)));
  }

  /** Whether an answer is still ours to give; whoever is not answered asks again. */
  boolean isAbout(Looked<?> looked) {
    return looked.last().isPresent() && looked.incarnation() == incarnation;
  }

  /** The journal did not go further when it was asked. */
  void confirmed(Looked<?> looked) {
    currentNanos = looked.askedNanos();
  }
}
