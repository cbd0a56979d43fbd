package org.parley.agents.pool;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.Outcome;

/**
 * Borrows places from other nodes' agents while this node has too few of its own, and sends them
 * what no agent here has room for. What has been sent away is answered by its lender, also by one
 * that could not be reached for a while; when that node has left the cluster or was put out of it,
 * it is {@code UNKNOWN} once the attempt's life is over, for until then it may start.
 */
final class Borrower extends AbstractBehavior<Borrower.Command> {
  /** What it is told. */
  interface Command {}

  /** Those of other nodes, the ones that cannot be reached at the moment included. */
  record Lenders(Set<ActorRef<Loans.Ask>> all, Set<ActorRef<Loans.Ask>> reachable)
      implements Command {}

  private record Tick() implements Command {}

  /** What one lender has lent. */
  private static final class Line {
    private boolean reachable;
    private int lent;
    private int inUse;
    private long askedAtNanos;
    private long untilNanos;
    private Optional<Loans.Moment> answeredAt = Optional.empty();
    private long heardNanos;
  }

  private record Trip(Errand errand, ActorRef<Loans.Ask> lender, Line line) {}

  private static final Duration TICK = Duration.ofMillis(250);

  private final ChannelPool pool;
  private final PoolSettings.Lending settings;
  private final String name;
  private final Map<ActorRef<Loans.Ask>, Line> lines = new HashMap<>();
  private final Map<Long, Trip> trips = new HashMap<>();
  private long number;

  static Behavior<Command> create(ChannelPool pool) {
    return create(pool, Borrower::findLenders);
  }

  /**
   * The same.
   *
   * @param findLenders has it told {@link Lenders} as they change
   */
  static Behavior<Command> create(ChannelPool pool, Consumer<Borrower> findLenders) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  timers.startTimerWithFixedDelay(new Tick(), TICK);
                  Borrower borrower = new Borrower(context, pool);
                  findLenders.accept(borrower);
                  return borrower;
                }));
  }

  private Borrower(ActorContext<Command> context, ChannelPool pool) {
    super(context);
    this.pool = pool;
    this.settings = pool.settings().lending();
    // An incarnation's own name: its loans are nobody else's.
    this.name = context.getSystem().address() + "#" + context.getSelf().path().uid();
  }

  private void findLenders() {
    ActorRef<Receptionist.Listing> listings =
        getContext()
            .messageAdapter(
                Receptionist.Listing.class,
                listing ->
                    new Lenders(
                        elsewhere(listing.getAllServiceInstances(Loans.key(pool.channel()))),
                        elsewhere(listing.getServiceInstances(Loans.key(pool.channel())))));
    getContext()
        .getSystem()
        .receptionist()
        .tell(Receptionist.subscribe(Loans.key(pool.channel()), listings));
  }

  private static Set<ActorRef<Loans.Ask>> elsewhere(Set<ActorRef<Loans.Ask>> lenders) {
    return lenders.stream()
        .filter(lender -> !lender.path().address().hasLocalScope())
        .collect(Collectors.toSet());
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Errand.class, this::send)
        .onMessage(Loans.Performed.class, this::performed)
        .onMessage(Loans.Lent.class, this::lent)
        .onMessage(Lenders.class, this::known)
        .onMessage(Tick.class, ignored -> tick())
        .build();
  }

  private Behavior<Command> send(Errand errand) {
    Map.@Nullable Entry<ActorRef<Loans.Ask>, Line> best = null;
    int free = 0;
    for (Map.Entry<ActorRef<Loans.Ask>, Line> each : lines.entrySet()) {
      Line line = each.getValue();
      if (line.lent - line.inUse <= free || isOver(line)) continue;
      best = each;
      free = line.lent - line.inUse;
    }
    if (best == null) {
      errand.noRoom();
      return this;
    }
    if (!errand.enterWire()) return this;
    Line line = best.getValue();
    line.inUse++;
    trips.put(++number, new Trip(errand, best.getKey(), line));
    Optional<Loans.Moment> grantedAt =
        line.answeredAt.map(at -> at.ofGrant(errand.attempt(), line.heardNanos));
    best.getKey().tell(new Loans.Perform(name, number, errand.attempt(), grantedAt, answers()));
    return this;
  }

  private Behavior<Command> performed(Loans.Performed answer) {
    Trip trip = trips.remove(answer.number());
    if (trip != null) end(trip, answer.outcome());
    return this;
  }

  private void end(Trip trip, Outcome outcome) {
    trip.line().inUse--;
    trip.errand().settle(outcome);
  }

  private Behavior<Command> lent(Loans.Lent answer) {
    Line line = lines.get(answer.lender());
    if (line == null || !line.reachable) return this;
    line.lent = answer.places();
    line.answeredAt = answer.at();
    line.heardNanos = System.nanoTime();
    // From the question on, so that the lender never takes a place back before it is over here.
    line.untilNanos = line.askedAtNanos + answer.life().toNanos();
    count();
    return this;
  }

  private Behavior<Command> known(Lenders found) {
    lines.keySet().retainAll(found.all());
    for (ActorRef<Loans.Ask> lender : found.all()) {
      Line line = lines.computeIfAbsent(lender, ignored -> new Line());
      line.reachable = found.reachable().contains(lender);
      if (!line.reachable) line.lent = 0;
    }
    count();
    return this;
  }

  private Behavior<Command> tick() {
    giveUp();
    int lenders = (int) lines.values().stream().filter(line -> line.reachable).count();
    int wanted = wanted();
    for (Map.Entry<ActorRef<Loans.Ask>, Line> each : lines.entrySet()) {
      Line line = each.getValue();
      if (isOver(line)) line.lent = 0;
      if (!line.reachable) continue;
      int share = Math.min((wanted + lenders - 1) / lenders, line.lent + settings.step());
      if (share == 0) continue;
      line.askedAtNanos = System.nanoTime();
      each.getKey().tell(new Loans.Borrow(name, share, answers()));
    }
    count();
    return this;
  }

  /**
   * How many places would help: what is in use, and what waits. Without own agents, always some.
   */
  private int wanted() {
    int inUse = 0;
    int adrift = 0;
    for (Line line : lines.values()) {
      if (line.reachable) inUse += line.inUse;
      else adrift += line.inUse;
    }
    int spare = pool.hasOwnAgents() ? 0 : settings.step();
    int waiting = pool.places().waiting();
    int beyond = Math.max(0, pool.places().taken() - pool.ownCapacity() - adrift);
    return Math.min(settings.most(), Math.max(inUse, beyond) + Math.max(spare, waiting));
  }

  /** Answers what nobody will answer any more. */
  private void giveUp() {
    long nowNanos = System.nanoTime();
    List<Trip> lost = new ArrayList<>();
    Iterator<Trip> each = trips.values().iterator();
    while (each.hasNext()) {
      Trip trip = each.next();
      long endNanos = trip.errand().attempt().deadlineNanos();
      if (lines.containsKey(trip.lender())) endNanos += settings.answerWithin().toNanos();
      if (nowNanos - endNanos > 0) {
        each.remove();
        lost.add(trip);
      }
    }
    for (Trip trip : lost) end(trip, Outcome.unknown("agentLost"));
  }

  /** What is at a node that lends no more has its place there, not at an agent of this node. */
  private void count() {
    int places = 0;
    for (Line line : lines.values()) places += Math.max(isOver(line) ? 0 : line.lent, line.inUse);
    pool.borrowed(places);
  }

  private static boolean isOver(Line line) {
    return line.lent == 0 || System.nanoTime() - line.untilNanos > 0;
  }

  private ActorRef<Loans.Answer> answers() {
    return getContext().getSelf().narrow();
  }
}
