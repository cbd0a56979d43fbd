package org.parley.core.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.ConsentState;
import org.parley.core.api.ConversationAsk;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.MessageRequest;
import org.parley.core.api.Profile;
import org.parley.core.api.Refusal;
import org.parley.core.api.Template;
import org.parley.core.campaign.CampaignCommand;
import org.parley.core.campaign.CampaignCommand.CampaignReply;
import org.parley.core.conversation.ConversationCommand.ReturnTaken;
import org.parley.core.conversation.ConversationCommand.TakeBounce;
import org.parley.core.conversation.ConversationCommand.TakeReceipt;
import org.parley.core.conversation.ConversationCommand.TakeReply;
import org.parley.core.conversation.Folded;
import org.parley.core.simulation.Tally.Kind;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.AudienceStore;
import org.parley.core.spi.Inbound;
import org.parley.core.spi.Member;

/** What people and fate do in one schedule, drawn from its seed. */
final class Script {
  private static final int CLOCK_STEP_MILLIS = 300_000;

  private final World world;
  private final SplittableRandom random;
  private final int troublePerMille;
  private final List<Member> members = new ArrayList<>();
  private int ahead;
  private int made;

  Script(World world) {
    this.world = world;
    this.random = world.loop().random();
    this.troublePerMille = random.nextInt(4) * 15;
    int count = 3 + random.nextInt(5);
    for (int i = 0; members.size() < count; i++) {
      String id = "c" + i;
      if (AudienceStore.slice(id) < Tables.SLICES) {
        members.add(new Member(members.size() + 1L, id, profile(id)));
      }
    }
  }

  private Profile profile(String id) {
    return new Profile(
        random.nextInt(12) == 0 ? Optional.empty() : Optional.of(id + "@example.com"),
        random.nextInt(6) == 0 ? Optional.empty() : Optional.of("+4930123450" + members.size()),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        World.START);
  }

  int troublePerMille() {
    return troublePerMille;
  }

  List<Member> members() {
    return members;
  }

  /** Sets everything on its way. */
  void begin() {
    int campaigns = 1 + random.nextInt(2);
    for (int i = 1; i <= campaigns; i++) {
      String id = Campaigns.id(i);
      CampaignDefinition definition = Campaigns.draw(random);
      at(i == 1 ? 0 : world.upTo(60_000), () -> create(id, definition));
    }
    int disturbances = random.nextInt(14);
    long last = 0;
    for (int i = 0; i < disturbances; i++) {
      long when = world.upTo(world.isOneIn(5) ? 7_200_000 : 90_000);
      last = Math.max(last, when);
      at(when, this::disturb);
    }
    at(last + 60_000, world::calm);
  }

  private void at(long millis, Runnable what) {
    ahead++;
    world
        .loop()
        .after(
            millis,
            () -> {
              ahead--;
              what.run();
            });
  }

  boolean isDone() {
    return ahead == 0;
  }

  // ---- campaigns

  private void create(String id, CampaignDefinition definition) {
    campaign("create", id, to -> new CampaignCommand.Create(definition, to), () -> start(id));
  }

  private void start(String id) {
    campaign("start", id, CampaignCommand.Start::new, () -> {});
    if (random.nextInt(4) == 0) at(world.upTo(60_000), () -> pause(id));
    if (random.nextInt(8) == 0)
      at(world.upTo(random.nextBoolean() ? 60_000 : 4_000_000), () -> cancel(id));
  }

  private void pause(String id) {
    world.tally().count(Kind.PAUSES);
    campaign(
        "pause",
        id,
        CampaignCommand.Pause::new,
        () ->
            at(
                world.upTo(120_000),
                () -> campaign("resume", id, CampaignCommand.Resume::new, () -> {})));
  }

  /** Resumes campaigns that rest, for a pause that came twice; whether there were any. */
  boolean resumes() {
    boolean any = false;
    for (CampaignView campaign : world.tables().campaigns()) {
      if (campaign.status() != CampaignStatus.PAUSED) continue;
      any = true;
      campaign("resume", campaign.id(), CampaignCommand.Resume::new, () -> {});
    }
    return any;
  }

  /** Releases whom a hand-off that came twice has caught; whether there was anybody. */
  boolean releases() {
    if (!isDone() || !world.clients().areServed()) return false;
    boolean any = false;
    for (Member member : members) {
      CustomerKey customer = CustomerKey.of(member.customerId());
      Folded folded = world.ledger().fold(customer);
      if (folded.context(customer, world.trueTime()).customer().handedOff().isEmpty()) continue;
      any = true;
      release(customer);
    }
    return any;
  }

  private void cancel(String id) {
    world.tally().count(Kind.CANCELS);
    campaign("cancel", id, CampaignCommand.Cancel::new, () -> {});
  }

  private void campaign(
      String what,
      String id,
      java.util.function.Function<org.apache.pekko.actor.typed.ActorRef<CampaignReply>, Object> ask,
      Runnable then) {
    world
        .clients()
        .ask(
            what + ' ' + id,
            id,
            ask,
            reply -> reply.refusal().filter(r -> r.kind() == Refusal.Kind.BUSY).isEmpty(),
            reply -> then.run());
  }

  // ---- disturbances

  private void disturb() {
    switch (random.nextInt(11)) {
      case 0, 1 -> {
        if (world.mayLoseOne()) world.kill(world.anyMachine());
      }
      case 2 -> {
        if (world.mayLoseOne()) world.pause(world.anyMachine(), world.upTo(90_000));
      }
      case 3, 4 -> world.moveEntity(anyEntity());
      case 5, 6 -> world.moveWorker();
      case 7 -> {
        world.tally().count(Kind.CLOCK_STEPS);
        world.anyMachine().stepClock(random.nextBoolean() ? CLOCK_STEP_MILLIS : -CLOCK_STEP_MILLIS);
      }
      case 8 -> optOut(anyCustomer());
      case 9 -> message(anyCustomer());
      default -> handOff(anyCustomer());
    }
  }

  private CustomerKey anyCustomer() {
    return CustomerKey.of(members.get(random.nextInt(members.size())).customerId());
  }

  private String anyEntity() {
    return random.nextInt(5) == 0 ? Campaigns.id(1) : anyCustomer().entityId();
  }

  private void optOut(CustomerKey customer) {
    world.tally().count(Kind.OPT_OUTS);
    Channel channel = Campaigns.channel(random);
    world
        .clients()
        .<ConversationAsk.CustomerReply>ask(
            "opt-out",
            customer.entityId(),
            to ->
                new ConversationAsk.ChangeConsent(
                    Map.of(channel, ConsentState.OPTED_OUT), "api", Optional.empty(), to),
            reply -> true,
            reply -> world.ledger().optedOut(customer, channel));
  }

  private void message(CustomerKey customer) {
    world.tally().count(Kind.SINGLE_MESSAGES);
    String id = "m" + ++made;
    Category category = random.nextInt(3) == 0 ? Category.MARKETING : Category.TRANSACTIONAL;
    MessageRequest request =
        new MessageRequest(Campaigns.channel(random), category, Template.text("Hi", "Hi"));
    world
        .clients()
        .<ConversationAsk.MessageReply>ask(
            "message " + id,
            customer.entityId(),
            to -> new ConversationAsk.SendMessage(id, request, to),
            reply -> reply.refusal().isEmpty(),
            reply -> world.ledger().taken(customer, id));
  }

  private void handOff(CustomerKey customer) {
    world.tally().count(Kind.HANDOFFS);
    world
        .clients()
        .<ConversationAsk.CustomerReply>ask(
            "hand-off",
            customer.entityId(),
            to -> new ConversationAsk.HandOff("question", to),
            reply -> true,
            reply -> at(world.upTo(200_000), () -> release(customer)));
  }

  private void release(CustomerKey customer) {
    world
        .clients()
        .<ConversationAsk.CustomerReply>ask(
            "release",
            customer.entityId(),
            ConversationAsk.Release::new,
            reply -> true,
            reply -> {});
  }

  // ---- what comes back from whoever was reached

  /** A message has reached somebody: they may answer, and the carrier may say more of it. */
  void reached(Attempt attempt) {
    if (random.nextInt(6) == 0)
      at(world.upTo(world.isOneIn(3) ? 3_600_000 : 20_000), () -> reply(attempt));
    if (random.nextInt(6) == 0) at(world.upTo(60_000), () -> receipt(attempt));
    if (random.nextInt(30) == 0) at(world.upTo(60_000), () -> bounce(attempt));
  }

  private void reply(Attempt attempt) {
    world.tally().count(Kind.REPLIES);
    int drawn = random.nextInt(4);
    String text = drawn == 0 ? "STOP" : drawn == 1 ? "Away" : "What does it cost?";
    String id = "in-" + ++made;
    Optional<org.parley.core.api.AttemptId> names =
        random.nextBoolean() ? Optional.of(attempt.id()) : Optional.empty();
    returned(
        attempt,
        to ->
            new TakeReply(
                id,
                attempt.channel(),
                text,
                Optional.empty(),
                names,
                Optional.empty(),
                false,
                false,
                to),
        () -> {
          world.ledger().heard(attempt.customer(), id);
          if (text.equals("STOP")) world.ledger().optedOut(attempt.customer(), attempt.channel());
        });
  }

  private void receipt(Attempt attempt) {
    world.tally().count(Kind.RECEIPTS);
    boolean delivered = random.nextInt(3) > 0;
    returned(
        attempt,
        to ->
            new TakeReceipt(
                Optional.of(attempt.id()),
                delivered,
                Optional.of("absent"),
                "main",
                "ref",
                world.trueTime(),
                to),
        () -> {});
  }

  private void bounce(Attempt attempt) {
    world.tally().count(Kind.RECEIPTS);
    Inbound.Bounce.Kind kind =
        random.nextBoolean() ? Inbound.Bounce.Kind.HARD : Inbound.Bounce.Kind.COMPLAINT;
    returned(
        attempt,
        to ->
            new TakeBounce(
                kind,
                attempt.channel(),
                Optional.empty(),
                Optional.of(attempt.id()),
                Optional.empty(),
                "main",
                world.trueTime(),
                to),
        () -> {});
  }

  private void returned(
      Attempt attempt,
      java.util.function.Function<org.apache.pekko.actor.typed.ActorRef<ReturnTaken>, Object>
          message,
      Runnable then) {
    world
        .clients()
        .ask(
            "return " + attempt.key(),
            attempt.customer().entityId(),
            message,
            taken -> taken.fate() != ReturnTaken.Fate.BUSY,
            taken -> then.run());
  }
}
