package org.parley.core.conversation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.parley.core.api.AttemptId;
import org.parley.core.api.Channel;
import org.parley.core.api.ConsentState;
import org.parley.core.api.Intent;
import org.parley.core.api.Outcome;
import org.parley.core.api.Profile;
import org.parley.core.api.StepKey;
import org.parley.core.conversation.ConversationEvent.AddressSuppressed;
import org.parley.core.conversation.ConversationEvent.ConsentChanged;
import org.parley.core.conversation.ConversationEvent.CustomerUpdated;
import org.parley.core.conversation.ConversationEvent.HandedOff;
import org.parley.core.conversation.ConversationEvent.Move;
import org.parley.core.conversation.ConversationEvent.OutreachGranted;
import org.parley.core.conversation.ConversationEvent.OutreachHeld;
import org.parley.core.conversation.ConversationEvent.OutreachRefused;
import org.parley.core.conversation.ConversationEvent.OutreachSettled;
import org.parley.core.conversation.ConversationEvent.ReceiptTaken;
import org.parley.core.conversation.ConversationEvent.Released;
import org.parley.core.conversation.ConversationEvent.ReplyReceived;
import org.parley.core.conversation.ConversationEvent.Standing;
import org.parley.core.conversation.ConversationEvent.StepScheduled;
import org.parley.core.conversation.ConversationEvent.StepSkipped;
import org.parley.core.conversation.ConversationEvent.Touching;
import org.parley.core.conversation.Touch.Phase;
import org.parley.core.policy.Contacts;
import org.parley.core.spi.JournalRecord;

/**
 * All that a conversation knows: a fold of its events, pure and immutable.
 *
 * @param version counts changes of profile and consent
 * @param touches oldest first; of those that are over, the latest {@value #MAX_OVER} are kept, and
 *     all of campaigns that go on
 * @param replyIds the carriers' ids of the latest answers, to know a repeated one
 */
public record ConversationState(
    long version,
    Profile profile,
    Map<Channel, ConsentState> consent,
    List<String> suppressed,
    List<Touch> touches,
    Contacts contacts,
    List<String> replyIds,
    Optional<Instant> lastReplyAt,
    Dialogue dialogue)
    implements JournalRecord {

  public ConversationState {
    // Snapshots of earlier releases do not have it.
    if (dialogue == null) dialogue = Dialogue.NONE;
  }

  /** Nothing special about the customer's side. */
  ConversationState(
      long version,
      Profile profile,
      Map<Channel, ConsentState> consent,
      List<String> suppressed,
      List<Touch> touches,
      Contacts contacts,
      List<String> replyIds,
      Optional<Instant> lastReplyAt) {
    this(
        version,
        profile,
        consent,
        suppressed,
        touches,
        contacts,
        replyIds,
        lastReplyAt,
        Dialogue.NONE);
  }

  static final int MAX_OVER = 200;
  static final int MAX_REPLY_IDS = 32;
  static final int MAX_SUPPRESSED = 16;

  static final ConversationState EMPTY =
      new ConversationState(
          0,
          Profile.EMPTY,
          Map.of(),
          List.of(),
          List.of(),
          Contacts.NONE,
          List.of(),
          Optional.empty());

  Optional<Touch> touch(StepKey key) {
    return Optional.ofNullable(find(key));
  }

  private @org.jspecify.annotations.Nullable Touch find(StepKey key) {
    for (Touch touch : touches) if (touch.key().equals(key)) return touch;
    return null;
  }

  /** The one attempt that is granted and not settled. */
  Optional<Touch> open() {
    for (Touch touch : touches) if (touch.phase() == Phase.GRANTED) return Optional.of(touch);
    return Optional.empty();
  }

  /** How many touches are planned or under way. */
  int unfinished() {
    int count = 0;
    for (Touch touch : touches) if (!touch.phase().isOver()) count++;
    return count;
  }

  /** The touch an attempt belongs to, if it is the latest of its touch. */
  Optional<Touch> touchOf(AttemptId attempt) {
    for (Touch touch : touches) {
      if (touch.attempt().isPresent() && touch.attempt().get().equals(attempt)) {
        return Optional.of(touch);
      }
    }
    return Optional.empty();
  }

  /** Where the customer stands in a campaign. */
  Standing standing(String campaignId) {
    Standing standing = Standing.PENDING;
    for (Touch touch : touches) {
      if (!touch.key().campaignId().equals(campaignId)) continue;
      Standing one =
          switch (touch.phase()) {
            case HELD -> Standing.HELD;
            case DELIVERED -> Standing.DELIVERED;
            case FAILED -> Standing.FAILED;
            case SUPPRESSED -> Standing.SUPPRESSED;
            case UNKNOWN -> Standing.UNKNOWN;
            case SCHEDULED, AWAITING_REPLY, GRANTED, SKIPPED -> Standing.PENDING;
          };
      if (one.compareTo(standing) > 0) standing = one;
    }
    return standing;
  }

  /** Whether something was begun for the customer in a campaign and nothing more is planned. */
  boolean isFinished(String campaignId) {
    boolean begun = false;
    for (Touch touch : touches) {
      if (!touch.key().campaignId().equals(campaignId)) continue;
      if (!touch.phase().isOver()) return false;
      begun = true;
    }
    return begun;
  }

  /**
   * Why the customer was not reached by a campaign: what the touch says that ended last of those
   * that make the standing.
   */
  private Optional<String> because(String campaignId, Standing standing) {
    Phase phase =
        switch (standing) {
          case SUPPRESSED -> Phase.SUPPRESSED;
          case FAILED -> Phase.FAILED;
          case UNKNOWN -> Phase.UNKNOWN;
          case PENDING, HELD, DELIVERED -> null;
        };
    return touches.stream()
        .filter(touch -> touch.phase() == phase && touch.key().campaignId().equals(campaignId))
        .reduce((one, next) -> next.at().isBefore(one.at()) ? one : next)
        .flatMap(Touch::reason);
  }

  /** These events, the last one that touches a campaign carrying how the standing moves. */
  List<ConversationEvent> withMove(String campaignId, List<ConversationEvent> events) {
    ConversationState after = this;
    for (ConversationEvent event : events) after = after.after(event);
    Standing from = standing(campaignId);
    Standing to = after.standing(campaignId);
    int finished = (after.isFinished(campaignId) ? 1 : 0) - (isFinished(campaignId) ? 1 : 0);
    Optional<String> wasBecause = because(campaignId, from);
    Optional<String> because = after.because(campaignId, to);
    if (from == to && finished == 0 && because.equals(wasBecause)) return events;
    Move move = new Move(from, to, finished, wasBecause, because);
    List<ConversationEvent> out = new ArrayList<>(events);
    for (int i = out.size() - 1; i >= 0; i--) {
      if (out.get(i) instanceof Touching touching
          && touching.key().campaignId().equals(campaignId)) {
        out.set(i, touching.withMove(move));
        break;
      }
    }
    return out;
  }

  /** The fold. No clock, no I/O, nothing sent. */
  ConversationState after(ConversationEvent event) {
    if (event instanceof OutreachGranted e) return granted(e);
    if (event instanceof OutreachSettled e) return settled(e);
    if (event instanceof OutreachHeld e) {
      return known(e.profile())
          .put(
              e,
              t ->
                  t.moved(
                      Phase.HELD,
                      Optional.of(e.reason()),
                      Optional.of(e.until()),
                      e.message().or(t::message),
                      e.at()));
    }
    if (event instanceof OutreachRefused e) {
      return known(e.profile())
          .put(e, t -> t.over(Phase.SUPPRESSED, Optional.of(e.reason()), e.at()));
    }
    if (event instanceof StepScheduled e) {
      Phase phase = e.awaitsReply() ? Phase.AWAITING_REPLY : Phase.SCHEDULED;
      return fellBack(e)
          .put(e, t -> t.moved(phase, Optional.empty(), Optional.of(e.due()), t.message(), e.at()));
    }
    if (event instanceof StepSkipped e) {
      return put(e, t -> t.over(Phase.SKIPPED, Optional.of(e.reason()), e.at()));
    }
    if (event instanceof CustomerUpdated e) {
      return new ConversationState(
          version + 1,
          e.profile(),
          consent,
          suppressed,
          touches,
          contacts,
          replyIds,
          lastReplyAt,
          dialogue);
    }
    if (event instanceof ConsentChanged e) {
      Map<Channel, ConsentState> merged = new EnumMap<>(Channel.class);
      merged.putAll(consent);
      merged.putAll(e.changes());
      return new ConversationState(
          version + 1,
          profile,
          Map.copyOf(merged),
          suppressed,
          touches,
          contacts,
          replyIds,
          lastReplyAt,
          dialogue);
    }
    if (event instanceof ReplyReceived e) return replied(e);
    if (event instanceof ReceiptTaken e) return receipted(e);
    if (event instanceof AddressSuppressed e) return suppressing(e.address());
    if (event instanceof HandedOff e) return with(dialogue.after(e));
    if (event instanceof Released) return with(dialogue.released());
    throw new IllegalStateException("no fold for " + event.getClass().getSimpleName());
  }

  private ConversationState granted(OutreachGranted e) {
    ConversationState next = known(e.profile()).put(e, t -> t.granted(e));
    return e.counts() ? next.counting(next.contacts.with(e.at())) : next;
  }

  private ConversationState settled(OutreachSettled e) {
    Outcome.Kind kind = e.outcome().kind();
    ConversationState next =
        put(
            e,
            t -> {
              if (e.retryAt().isPresent()) {
                Touch held =
                    t.moved(Phase.HELD, e.outcome().reason(), e.retryAt(), t.message(), e.at());
                if (kind == Outcome.Kind.UNKNOWN) return held.doubted();
                // After a doubt the same try is made again, so that there is none to take off.
                boolean used = t.inDoubt() > 0 || !ConversationSettings.askedNobody(e.outcome());
                return used ? held : held.stopped();
              }
              return t.over(Settlement.end(e.outcome()), e.outcome().reason(), e.at());
            });
    boolean reached = kind == Outcome.Kind.ACCEPTED || kind == Outcome.Kind.UNKNOWN;
    return reached ? next : next.counting(next.contacts.without(e.grantedAt()));
  }

  private ConversationState replied(ReplyReceived e) {
    List<String> ids = new ArrayList<>(replyIds);
    ids.add(e.carrierMessageId());
    if (ids.size() > MAX_REPLY_IDS) ids.remove(0);
    // A notice that they are away is no answer to anything.
    boolean away = e.intent().filter(i -> i == Intent.OUT_OF_OFFICE).isPresent();
    List<Touch> marked = touches;
    if (e.to().isPresent() && !away) {
      marked =
          touches.stream()
              .map(t -> t.key().equals(e.to().get()) ? t.withAnswer(e.at(), e.intent()) : t)
              .toList();
    }
    ConversationState next =
        new ConversationState(
            version,
            profile,
            consent,
            suppressed,
            marked,
            contacts,
            List.copyOf(ids),
            Optional.of(e.at()),
            dialogue);
    return next.with(dialogue.after(e));
  }

  private ConversationState receipted(ReceiptTaken e) {
    return put(
        e,
        t -> {
          Phase phase = e.delivered() ? Phase.DELIVERED : Phase.FAILED;
          Touch over = t.over(phase, e.reason(), e.at());
          return e.delivered() ? over.withReceipt(e.receivedAt()) : over;
        });
  }

  private ConversationState suppressing(String address) {
    List<String> next = new ArrayList<>(suppressed);
    next.remove(address);
    next.add(address);
    if (next.size() > MAX_SUPPRESSED) next.remove(0);
    return new ConversationState(
        version,
        profile,
        consent,
        List.copyOf(next),
        touches,
        contacts,
        replyIds,
        lastReplyAt,
        dialogue);
  }

  /** The version grows with what a customer's view shows. */
  private ConversationState with(Dialogue next) {
    boolean shown =
        !next.handedOff().equals(dialogue.handedOff())
            || !next.preferred().equals(dialogue.preferred());
    return new ConversationState(
        shown ? version + 1 : version,
        profile,
        consent,
        suppressed,
        touches,
        contacts,
        replyIds,
        lastReplyAt,
        next);
  }

  /** A call that failed and has another channel to fall back to says where to reach them. */
  private ConversationState fellBack(StepScheduled e) {
    int dot = e.key().stepId().indexOf('.');
    if (dot < 0) return this;
    StepKey failed = new StepKey(e.key().campaignId(), e.key().stepId().substring(0, dot));
    boolean call = touch(failed).filter(t -> t.channel() == Channel.PHONE).isPresent();
    return call && e.channel() != Channel.PHONE ? with(dialogue.prefers(e.channel())) : this;
  }

  private ConversationState known(Optional<Profile> newer) {
    return newer.isEmpty()
        ? this
        : new ConversationState(
            version + 1,
            newer.get(),
            consent,
            suppressed,
            touches,
            contacts,
            replyIds,
            lastReplyAt,
            dialogue);
  }

  private ConversationState counting(Contacts newContacts) {
    return new ConversationState(
        version,
        profile,
        consent,
        suppressed,
        touches,
        newContacts,
        replyIds,
        lastReplyAt,
        dialogue);
  }

  private ConversationState put(Touching event, UnaryOperator<Touch> change) {
    List<Touch> next = new ArrayList<>(touches.size() + 1);
    int over = 0;
    boolean found = false;
    for (Touch touch : touches) {
      boolean changes = touch.key().equals(event.key());
      next.add(changes ? change.apply(touch) : touch);
      found |= changes;
      if (touch.phase().isOver() && !changes) over++;
    }
    if (!found) next.add(change.apply(Touch.planned(event)));
    if (over >= MAX_OVER) dropOldestOver(next, event.key());
    return new ConversationState(
        version,
        profile,
        consent,
        suppressed,
        List.copyOf(next),
        contacts,
        replyIds,
        lastReplyAt,
        dialogue);
  }

  private static void dropOldestOver(List<Touch> touches, StepKey but) {
    for (int i = 0; i < touches.size(); i++) {
      Touch touch = touches.get(i);
      if (touch.phase().isOver() && !touch.key().equals(but) && !goesOn(touches, touch.key())) {
        touches.remove(i);
        return;
      }
    }
  }

  /** Whether it belongs to a campaign that goes on: later steps and counts go by it. */
  private static boolean goesOn(List<Touch> touches, StepKey key) {
    if (key.isMessage()) return false;
    for (Touch touch : touches) {
      if (!touch.phase().isOver() && touch.key().campaignId().equals(key.campaignId())) return true;
    }
    return false;
  }
}
