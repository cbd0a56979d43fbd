package org.parley.core.conversation;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.parley.core.api.AttemptId;
import org.parley.core.api.CallResult;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.CampaignDefinition.After;
import org.parley.core.api.CampaignDefinition.Fallback;
import org.parley.core.api.CampaignDefinition.FrequencyCap;
import org.parley.core.api.CampaignDefinition.OnLimit;
import org.parley.core.api.CampaignDefinition.Policy;
import org.parley.core.api.CampaignDefinition.QuietHours;
import org.parley.core.api.CampaignDefinition.Schedule;
import org.parley.core.api.CampaignDefinition.SendWindow;
import org.parley.core.api.CampaignDefinition.Step;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.Communication;
import org.parley.core.api.ConsentState;
import org.parley.core.api.Handoff;
import org.parley.core.api.Intent;
import org.parley.core.api.MessageRequest;
import org.parley.core.api.Outcome;
import org.parley.core.api.Profile;
import org.parley.core.api.StepKey;
import org.parley.core.api.Template;
import org.parley.core.api.Trigger;
import org.parley.core.campaign.CampaignEvent.CampaignChanged;
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
import org.parley.core.conversation.Touch.Phase;
import org.parley.core.policy.Contacts;
import org.parley.core.spi.JournalRecord;
import org.parley.core.spi.ReplyClassifier.Keyword;
import org.parley.core.spi.ReplyClassifier.Sentiment;

/**
 * Two values of every record of the journal by its manifest: one with all it can say, one with as
 * little as it can. Golden files hold the bytes that releases made of them, so a value here never
 * changes; a new field is absent or has its default. It stands in this package because a snapshot
 * is made of records that only this package sees.
 */
public final class JournalSamples {
  private static final Instant AT = Instant.parse("2026-11-24T10:00:00.123456Z");
  private static final Instant LATER = AT.plus(Duration.ofDays(2));
  private static final StepKey HELLO = new StepKey("cmp_0spring26", "hello");
  private static final StepKey NUDGE = new StepKey("cmp_0spring26", "nudge");
  private static final AttemptId ATTEMPT = new AttemptId("abcdefghijklmnopqrstuvwxyz");
  private static final Template TEMPLATE =
      new Template(
          Optional.of("{{firstName}}, it is spring"),
          Optional.of("Hello"),
          Optional.of("<p>Hello</p>"));
  private static final MessageRequest MESSAGE =
      new MessageRequest(Channel.SMS, Category.TRANSACTIONAL, TEMPLATE);
  private static final Profile ADA =
      new Profile(
          Optional.of("ada@example.com"),
          Optional.of("+442079460000"),
          Optional.of("Europe/London"),
          Optional.of("en-GB"),
          Map.of("firstName", "Åda \uD83D\uDE00"),
          AT);
  private static final Move MOVE = move(Standing.HELD, Standing.DELIVERED, 1);
  private static final Move BACK = move(Standing.DELIVERED, Standing.PENDING, -1);
  private static final Optional<Communication.State> HELD = Optional.of(Communication.State.HELD);

  private JournalSamples() {}

  private static Move move(Standing from, Standing to, int finished) {
    return new Move(from, to, finished, Optional.empty(), Optional.empty());
  }

  /** The full value first, then the bare one. */
  public static Map<String, List<JournalRecord>> all() {
    return Map.ofEntries(
        Map.entry("customer-updated", List.of(new CustomerUpdated(ADA, AT), updatedToNothing())),
        Map.entry(
            "consent-changed",
            List.of(
                new ConsentChanged(
                    Map.of(
                        Channel.EMAIL, ConsentState.OPTED_OUT,
                        Channel.SMS, ConsentState.OPTED_IN,
                        Channel.PHONE, ConsentState.OPTED_OUT),
                    "unsubscribe",
                    AT),
                new ConsentChanged(Map.of(), "", Instant.EPOCH))),
        Map.entry("granted", granted()),
        Map.entry("settled", settled()),
        Map.entry("held", held()),
        Map.entry("refused", refused()),
        Map.entry("scheduled", scheduled()),
        Map.entry("skipped", skipped()),
        Map.entry(
            "replied",
            List.of(
                new ReplyReceived(
                    "<1@example.com>", Channel.EMAIL, "Yes, please", Optional.of(HELLO), AT),
                new ReplyReceived("1", Channel.PHONE, "", Optional.empty(), Instant.EPOCH))),
        Map.entry("conversation", List.of(snapshot(), ConversationState.EMPTY)),
        Map.entry("campaign-changed", campaigns()));
  }

  /** What 0.2.0 added: new records, and new fields of earlier ones. */
  public static Map<String, List<JournalRecord>> since020() {
    return Map.ofEntries(
        Map.entry(
            "replied",
            List.of(
                new ReplyReceived(
                    "<2@example.com>",
                    Channel.SMS,
                    "When do you open?",
                    Optional.of(HELLO),
                    Optional.of(Intent.QUESTION),
                    Optional.of(Sentiment.NEUTRAL),
                    Optional.empty(),
                    AT),
                new ReplyReceived(
                    "2",
                    Channel.SMS,
                    "STOP",
                    Optional.empty(),
                    Optional.of(Intent.OTHER),
                    Optional.of(Sentiment.NEGATIVE),
                    Optional.of(Keyword.STOP),
                    AT))),
        Map.entry(
            "settled",
            List.of(
                new OutreachSettled(
                    HELLO,
                    Channel.PHONE,
                    ATTEMPT,
                    1,
                    Outcome.answered(
                        "sip",
                        "call-1",
                        new CallResult(Duration.ofSeconds(42), "1", CallResult.EndedBy.CUSTOMER)),
                    AT,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(MOVE),
                    AT.plusSeconds(60)),
                typicalOutcome())),
        Map.entry("receipt", receipts()),
        Map.entry(
            "suppressed",
            List.of(
                new AddressSuppressed(Channel.EMAIL, "ada@example.com", "hardBounce", AT),
                new AddressSuppressed(Channel.SMS, "", "", Instant.EPOCH))),
        Map.entry("handed-off", List.of(new HandedOff("an invoice", AT), new HandedOff("", AT))),
        Map.entry("released", List.of(new Released(AT), new Released(Instant.EPOCH))),
        Map.entry("conversation", List.of(answeredSnapshot(), ConversationState.EMPTY)),
        Map.entry("campaign-changed", branching()));
  }

  /** What 0.3.0 added. */
  public static Map<String, List<JournalRecord>> since030() {
    return Map.of("granted", grantedByALife(), "refused", refusedInTheEnd());
  }

  private static List<JournalRecord> refusedInTheEnd() {
    Move why =
        new Move(
            Standing.FAILED,
            Standing.SUPPRESSED,
            1,
            Optional.of("busy"),
            Optional.of("campaignCancelled"));
    OutreachRefused refused =
        new OutreachRefused(
            HELLO,
            Channel.EMAIL,
            "campaignCancelled",
            Optional.empty(),
            HELD,
            Optional.of(why),
            LATER);
    OutreachRefused bare =
        new OutreachRefused(
            HELLO,
            Channel.EMAIL,
            "campaignCancelled",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            LATER);
    return List.of(refused, bare);
  }

  private static List<JournalRecord> receipts() {
    return List.of(
        new ReceiptTaken(
            HELLO,
            Channel.SMS,
            ATTEMPT,
            2,
            false,
            Optional.of("absentSubscriber"),
            "smsc",
            Optional.of("4fa1"),
            AT,
            LATER,
            Optional.of(Communication.State.DELIVERED),
            Optional.of(BACK),
            LATER),
        new ReceiptTaken(
            HELLO,
            Channel.EMAIL,
            ATTEMPT,
            1,
            true,
            Optional.empty(),
            "main",
            Optional.empty(),
            AT,
            AT,
            Optional.empty(),
            Optional.empty(),
            AT));
  }

  private static ConversationState answeredSnapshot() {
    Touch touch =
        new Touch(
            HELLO,
            Channel.SMS,
            Phase.DELIVERED,
            Optional.empty(),
            1,
            Optional.of(ATTEMPT),
            Optional.of(AT),
            Optional.empty(),
            true,
            Optional.empty(),
            Optional.of(LATER),
            0,
            Optional.of(Intent.QUESTION),
            Optional.of(AT.plusSeconds(3)),
            0,
            AT);
    return new ConversationState(
        9,
        ADA,
        Map.of(),
        List.of("ada@example.com"),
        List.of(touch),
        Contacts.NONE.with(AT),
        List.of("2"),
        Optional.of(LATER),
        new Dialogue(
            Optional.of(new Handoff("an invoice", LATER)),
            Optional.of(Channel.SMS),
            Optional.of(AT)));
  }

  private static List<JournalRecord> branching() {
    Template text = new Template(Optional.empty(), Optional.of("Hello"), Optional.empty());
    Template prompt =
        new Template(
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.of("welcome.wav"));
    List<Step> steps =
        List.of(
            new Step(
                "call",
                Channel.PHONE,
                Optional.empty(),
                prompt,
                Optional.of(
                    new Fallback(
                        Optional.empty(), Optional.empty(), Optional.of(Duration.ofHours(2))))),
            new Step(
                "text",
                Channel.SMS,
                Optional.of(
                    new After("call", Trigger.REPLY_QUESTION, Duration.ZERO, Optional.empty())),
                text,
                Optional.of(
                    new Fallback(
                        Optional.of(Channel.EMAIL), Optional.of(TEMPLATE), Optional.empty()))));
    return List.of(branching("cmp_0calls", steps), branching("cmp_0call", steps.subList(0, 1)));
  }

  private static CampaignChanged branching(String id, List<Step> steps) {
    return new CampaignChanged(
        new CampaignView(
            id,
            1,
            CampaignStatus.DRAFT,
            new CampaignDefinition(
                "Calls", "aud_1", Category.MARKETING, steps, Schedule.NOW, Policy.NONE),
            Optional.empty(),
            AT,
            Optional.empty(),
            Optional.empty()),
        AT);
  }

  private static CustomerUpdated updatedToNothing() {
    return new CustomerUpdated(Profile.EMPTY, Instant.EPOCH);
  }

  private static List<JournalRecord> granted() {
    return List.of(
        new OutreachGranted(
            HELLO,
            Channel.EMAIL,
            ATTEMPT,
            2,
            true,
            Optional.of(ADA),
            Optional.of(MESSAGE),
            AT.plusSeconds(30),
            HELD,
            Optional.of(MOVE),
            AT),
        granted(0));
  }

  private static List<JournalRecord> grantedByALife() {
    return List.of(
        new OutreachGranted(
            HELLO,
            Channel.EMAIL,
            ATTEMPT,
            2,
            true,
            Optional.of(ADA),
            Optional.of(MESSAGE),
            AT.plusSeconds(30),
            HELD,
            Optional.of(MOVE),
            Long.MAX_VALUE,
            AT),
        typicalGrant());
  }

  /** What most grants look like: of a campaign, to a customer who is known already. */
  public static OutreachGranted typicalGrant() {
    return granted(1234);
  }

  private static OutreachGranted granted(long epoch) {
    return new OutreachGranted(
        HELLO,
        Channel.EMAIL,
        ATTEMPT,
        1,
        true,
        Optional.empty(),
        Optional.empty(),
        AT.plusSeconds(30),
        Optional.empty(),
        Optional.empty(),
        epoch,
        AT);
  }

  private static List<JournalRecord> settled() {
    return List.of(
        new OutreachSettled(
            HELLO,
            Channel.EMAIL,
            ATTEMPT,
            2,
            new Outcome(
                Outcome.Kind.NOT_SENT,
                Optional.of("mailboxBusy"),
                Optional.of("450 4.2.1 later"),
                Optional.of("main"),
                Optional.of("ref-1")),
            AT,
            Optional.of(LATER),
            HELD,
            Optional.of(MOVE),
            AT.plusMillis(41)),
        new OutreachSettled(
            HELLO,
            Channel.EMAIL,
            ATTEMPT,
            1,
            Outcome.unknown("noOutcome"),
            AT,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            AT.plusMillis(41)));
  }

  /** What most outcomes look like. */
  public static OutreachSettled typicalOutcome() {
    return new OutreachSettled(
        HELLO,
        Channel.EMAIL,
        ATTEMPT,
        1,
        Outcome.accepted("main", Optional.of("2.0.0 queued as 4FxT2b1")),
        AT,
        Optional.empty(),
        Optional.empty(),
        Optional.of(move(Standing.PENDING, Standing.DELIVERED, 1)),
        AT.plusMillis(41));
  }

  private static List<JournalRecord> held() {
    return List.of(
        new OutreachHeld(
            HELLO,
            Channel.SMS,
            "quietHours",
            Optional.of(ADA),
            Optional.of(MESSAGE),
            LATER,
            HELD,
            Optional.of(BACK),
            AT),
        new OutreachHeld(
            HELLO,
            Channel.EMAIL,
            "frequencyCap",
            Optional.empty(),
            Optional.empty(),
            LATER,
            Optional.empty(),
            Optional.empty(),
            AT));
  }

  private static List<JournalRecord> refused() {
    return List.of(
        new OutreachRefused(
            HELLO, Channel.PHONE, "optedOut", Optional.of(ADA), HELD, Optional.of(MOVE), AT),
        new OutreachRefused(
            HELLO,
            Channel.EMAIL,
            "noAddress",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            AT));
  }

  private static List<JournalRecord> scheduled() {
    return List.of(
        new StepScheduled(NUDGE, Channel.EMAIL, true, LATER, HELD, Optional.of(BACK), AT),
        new StepScheduled(
            NUDGE, Channel.EMAIL, false, LATER, Optional.empty(), Optional.empty(), AT));
  }

  private static List<JournalRecord> skipped() {
    return List.of(
        new StepSkipped(NUDGE, Channel.EMAIL, "replied", HELD, Optional.of(MOVE), AT),
        new StepSkipped(NUDGE, Channel.EMAIL, "noReply", Optional.empty(), Optional.empty(), AT));
  }

  private static ConversationState snapshot() {
    Touch full =
        new Touch(
            StepKey.message("msg_1"),
            Channel.SMS,
            Phase.HELD,
            Optional.of("connectFailed"),
            2,
            Optional.of(ATTEMPT),
            Optional.of(AT),
            Optional.of(LATER),
            true,
            Optional.of(MESSAGE),
            Optional.of(AT.plusSeconds(5)),
            1,
            AT);
    Touch bare =
        new Touch(
            NUDGE,
            Channel.EMAIL,
            Phase.AWAITING_REPLY,
            Optional.empty(),
            0,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            false,
            Optional.empty(),
            Optional.empty(),
            0,
            AT);
    return new ConversationState(
        7,
        ADA,
        Map.of(Channel.EMAIL, ConsentState.OPTED_IN),
        List.of("sms"),
        List.of(full, bare),
        Contacts.NONE.with(AT).with(LATER),
        List.of("<1@example.com>"),
        Optional.of(AT));
  }

  private static List<JournalRecord> campaigns() {
    CampaignDefinition rich =
        new CampaignDefinition(
            "Spring sale",
            "aud_1",
            Category.MARKETING,
            List.of(
                new Step("hello", Channel.EMAIL, Optional.empty(), TEMPLATE),
                new Step(
                    "nudge",
                    Channel.SMS,
                    Optional.of(
                        new After(
                            "hello",
                            Trigger.NO_REPLY,
                            Duration.ofDays(2),
                            Optional.of(Duration.ofHours(36)))),
                    TEMPLATE)),
            new Schedule(
                Optional.of(AT),
                Optional.of(LATER),
                Optional.of(
                    new SendWindow(
                        LocalTime.of(9, 0), LocalTime.of(20, 30), SendWindow.CUSTOMER_ZONE))),
            new Policy(
                Optional.of(new FrequencyCap(1, Duration.ofDays(1), OnLimit.HOLD)),
                Optional.of(new QuietHours(LocalTime.of(21, 0), LocalTime.of(8, 0))),
                Optional.of(5_000)));
    CampaignDefinition bare =
        new CampaignDefinition(
            "Receipts",
            "aud_2",
            Category.TRANSACTIONAL,
            List.of(
                new Step("only", Channel.PHONE, Optional.empty(), Template.text("Hello", "Hello"))),
            Schedule.NOW,
            Policy.NONE);
    return List.of(
        new CampaignChanged(
            new CampaignView(
                "cmp_0spring26",
                4,
                CampaignStatus.CANCELLING,
                rich,
                Optional.of(1_000_000L),
                AT,
                Optional.of(AT.plusSeconds(1)),
                Optional.of(LATER)),
            LATER),
        new CampaignChanged(
            new CampaignView(
                "cmp_0bare",
                1,
                CampaignStatus.DRAFT,
                bare,
                Optional.empty(),
                AT,
                Optional.empty(),
                Optional.empty()),
            AT));
  }
}
