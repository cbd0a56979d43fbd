package org.parley.core.simulation;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.pekko.actor.ActorPath;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Scheduler;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.dispatch.Mailbox;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.CampaignView;
import org.parley.core.api.CustomerKey;
import org.parley.core.campaign.CampaignCommand;
import org.parley.core.conversation.Folded;
import org.parley.core.due.StartedScanner;
import org.parley.core.run.SliceRun;
import org.parley.core.run.StartedRun;
import org.parley.core.simulation.Tally.Kind;
import org.parley.core.spi.Member;

/**
 * Everything of one schedule: machines, the network between them, the journal, the tables. It says
 * which machine an entity lives on, as sharding does, and keeps runs and scanners going somewhere.
 */
final class World {
  static final Instant START = Instant.parse("2026-11-24T10:00:00Z");

  /** When nothing has happened for so long, nothing will before the next timer. */
  private static final long QUIET_MILLIS = 40_000;

  /** How old what a conversation shows may be. */
  private static final long SHOWN_MILLIS = 10_000;

  private static final boolean TOLD = Boolean.getBoolean("parley.simulation.story");

  /** A machine whose clock was set back several times sees so much later what is due. */
  private static final long STUCK_MILLIS = Duration.ofMinutes(45).toMillis();

  private static final long MAX_STEPS = 100_000;

  /** Where a worker works, and its name there. */
  private record Post(Machine machine, String name) {}

  private static final List<String> WORKERS = List.of("run-0", "run-1", "due-0", "due-1");

  private final Loop loop;
  private final Tally tally;
  private final House house;
  private final Scheduler scheduler;
  private final Breaks breaks;
  private final Consumer<Consumer<ActorContext<?>>> root;
  private final Script script;
  private final Disk disk;
  private final Tables tables;
  private final Ledger ledger;
  private final Clients clients;
  private final List<Machine> machines = new ArrayList<>();
  private final Map<String, Machine> homes = new HashMap<>();
  private final Map<String, Post> posts = new LinkedHashMap<>();
  private final Set<String> still = new HashSet<>();
  private final List<String> problems = new ArrayList<>();
  private int made;
  private long epochs;
  private long progressAt;
  private long quietAt = -1;
  private boolean calm;

  World(
      Loop loop,
      Tally tally,
      House house,
      Scheduler scheduler,
      Breaks breaks,
      Consumer<Consumer<ActorContext<?>>> root) {
    this.loop = loop;
    this.tally = tally;
    this.house = house;
    this.scheduler = scheduler;
    this.breaks = breaks;
    this.root = root;
    this.script = new Script(this);
    int trouble = script.troublePerMille();
    this.ledger = new Ledger(this);
    this.tables = new Tables(this, trouble, script.members());
    this.disk = new Disk(this, trouble);
    this.clients = new Clients(this);
  }

  // ---- its course

  /** Starts machines and workers, and lets the script do its part. */
  void open() {
    int count = 2 + loop.random().nextInt(2);
    for (int i = 0; i < count; i++) newMachine();
    root.accept(
        context -> {
          progress();
          for (String worker : WORKERS) startWorker(worker);
          script.begin();
        });
  }

  /** Goes on until nothing is due any more, or something is wrong. */
  void run() {
    while (problems.isEmpty()) {
      if (loop.isIdle() && (isOver() || !goesOn())) break;
      loop.step();
      if (loop.steps() > MAX_STEPS) problem("it does not come to an end: " + tables);
    }
    if (!problems.isEmpty()) return;
    EndCheck check = new EndCheck(this, script.members());
    check.all();
    loop.skipTo(loop.now() + SHOWN_MILLIS);
    check.ask();
    while (problems.isEmpty() && !clients.areServed() && loop.steps() < MAX_STEPS) loop.step();
  }

  private boolean isOver() {
    if (!script.isDone() || !clients.areServed() || !tables.isQuiet()) {
      quietAt = -1;
      return false;
    }
    if (quietAt < 0) quietAt = loop.now();
    boolean settled = machines.stream().allMatch(m -> m.taken() == 0);
    if (settled && loop.nextAt() != Long.MAX_VALUE) loop.skipTo(loop.nextAt());
    return (settled && loop.nextAt() == Long.MAX_VALUE) || loop.now() - quietAt > STUCK_MILLIS;
  }

  /** Leaves out what would be mere ticks; false when there will be nothing but ticks. */
  private boolean goesOn() {
    if (loop.now() - progressAt < QUIET_MILLIS || script.releases()) return true;
    long next = Math.min(loop.nextAt(), tables.nextDueMillis());
    if (next != Long.MAX_VALUE && next >= loop.now() + 1_000) {
      loop.skipTo(next);
      progress(); // whoever has waited for that time has yet to see it
      return true;
    }
    if (loop.now() - progressAt < STUCK_MILLIS || script.resumes()) return true;
    problem("somebody is forgotten: " + tables + ", clients " + clients + unfinished());
    return false;
  }

  private String unfinished() {
    StringBuilder out = new StringBuilder();
    for (Member member : script.members()) {
      Folded folded = ledger.fold(CustomerKey.of(member.customerId()));
      out.append(", ").append(member.customerId()).append(' ').append(folded.phases());
    }
    return out.toString();
  }

  /** Lets what stands still or has died run to its end, where nobody looks any more. */
  void close() {
    calm();
    still.clear();
    loop.freeze(task -> false);
  }

  void problem(String what) {
    problems.add(what);
  }

  /** Tells what happens, where somebody wants to read it. */
  void say(String... words) {
    if (!TOLD) return;
    System.out.println(loop.now() + " " + String.join(" ", words));
  }

  /** Something happened that is no mere tick. */
  void progress() {
    progressAt = loop.now();
  }

  /** From now on nothing fails that has not failed yet. */
  void calm() {
    calm = true;
    disk.calm();
    tables.calm();
  }

  // ---- machines

  /** Of every life of a machine, a number of its own. */
  long nextEpoch() {
    return ++epochs;
  }

  private void newMachine() {
    String name = "m" + ++made;
    root.accept(context -> machines.add(new Machine(this, context, name)));
  }

  /** Any machine that runs; there always is one. */
  Machine anyMachine() {
    List<Machine> alive = machines.stream().filter(Machine::isAlive).toList();
    return alive.get(loop.random().nextInt(alive.size()));
  }

  boolean mayLoseOne() {
    return machines.stream().filter(Machine::isAlive).count() > 1;
  }

  void kill(Machine machine) {
    if (machine.isDead()) return;
    if (machine.isAlive() && !mayLoseOne()) {
      newMachine();
      loop.after(10_000, () -> kill(machine));
      return;
    }
    tally.count(Kind.MACHINES_KILLED);
    say(machine.name(), "dies");
    machine.die();
    machines.remove(machine);
    hold(machine);
    loop.after(upTo(20_000), () -> forsake(machine));
    loop.after(upTo(40_000), this::newMachine);
  }

  /** It stands still; for long, and the others take over what it had while it still has it. */
  void pause(Machine machine, long millis) {
    tally.count(Kind.MACHINES_PAUSED);
    say(machine.name(), "stands still for", String.valueOf(millis));
    machine.standStill(millis);
    hold(machine);
    if (millis > 15_000) loop.after(15_000, () -> forsake(machine));
    loop.after(
        millis,
        () -> {
          machine.goOn();
          still.remove(machine.name());
          loop.freeze(this::isHeld);
          // One that the others have given up learns so, and ends itself.
          if (millis > 15_000) loop.after(upTo(3_000), () -> kill(machine));
        });
  }

  private void hold(Machine machine) {
    still.add(machine.name());
    loop.freeze(this::isHeld);
  }

  private boolean isHeld(Runnable task) {
    if (still.isEmpty() || !(task instanceof Mailbox mailbox)) return false;
    ActorPath path = mailbox.actor().self().path();
    while (!path.parent().name().equals("user")) {
      path = path.parent();
      if (path.name().equals("/")) return false;
    }
    String name = path.name();
    int dash = name.indexOf('-');
    return still.contains(dash < 0 ? name : name.substring(0, dash));
  }

  /** The others no longer count on it. */
  private void forsake(Machine machine) {
    homes.values().removeIf(home -> home == machine);
    for (String worker : WORKERS) {
      if (Objects.requireNonNull(posts.get(worker)).machine() == machine) startWorker(worker);
    }
  }

  // ---- entities and workers

  private void startWorker(String worker) {
    Machine machine = anyMachine();
    Post post = new Post(machine, worker + '-' + ++made);
    posts.put(worker, post);
    say(machine.name(), "starts", post.name());
    machine.startWorker(post.name(), behavior(machine, worker));
  }

  private Behavior<Object> behavior(Machine machine, String worker) {
    int number = worker.charAt(worker.length() - 1) - '0';
    if (worker.startsWith("due")) {
      return StartedScanner.of(
          house.dueWork(),
          tables,
          (to, message) -> tell(machine, to.entityId(), message),
          machine::now);
    }
    return StartedRun.of(
        new SliceRun.Parts(
            house.runs(),
            new Members(tables),
            tables,
            (to, message) -> tell(machine, to.entityId(), message),
            machine::now),
        machine.book(),
        id -> tell(machine, id, new CampaignCommand.Complete()),
        number);
  }

  /** Moves a worker; some go on for a while where they were, and then there are two of them. */
  void moveWorker() {
    String worker = WORKERS.get(loop.random().nextInt(WORKERS.size()));
    Post from = Objects.requireNonNull(posts.get(worker));
    if (isOneIn(2)) {
      tally.count(Kind.WORKERS_DOUBLED);
      startWorker(worker);
      loop.after(upTo(60_000), () -> from.machine().stopWorker(from.name()));
    } else {
      tally.count(Kind.WORKERS_MOVED);
      from.machine().stopWorker(from.name());
      loop.after(
          upTo(20_000),
          () -> {
            if (from.equals(posts.get(worker))) startWorker(worker);
          });
    }
  }

  /** Ends an entity where it is; the next message starts it, here or elsewhere. */
  void moveEntity(String entityId) {
    Machine home = homes.remove(entityId);
    if (home == null) return;
    tally.count(Kind.ENTITIES_MOVED);
    say(entityId, "leaves", home.name());
    home.stopEntity(entityId);
  }

  /** Takes a message to an entity, wherever it lives; some are lost, and some come twice. */
  void tell(@Nullable Machine from, String entityId, Object message) {
    progress();
    int fate = calm ? 1_000 : loop.random().nextInt(1_000);
    int losses = script.troublePerMille() / 4;
    if (fate < losses) {
      tally.count(Kind.MESSAGES_LOST);
      return;
    }
    if (fate < 2 * losses) {
      tally.count(Kind.MESSAGES_TWICE);
      loop.after(upTo(2_000), () -> arrive(entityId, message));
    }
    loop.after(from == null ? 1 : upTo(3), () -> arrive(entityId, message));
  }

  private void arrive(String entityId, Object message) {
    progress();
    loop.note(message.getClass().getSimpleName().hashCode());
    Machine home = homes.computeIfAbsent(entityId, id -> anyMachine());
    if (TOLD) say(home.name(), "gets", entityId, String.valueOf(message));
    home.deliver(entityId, message);
  }

  /** Tells the other machines what a campaign has become; not all of them hear it. */
  void news(Machine from, CampaignView campaign) {
    for (Machine machine : machines) {
      if (machine == from || isOneIn(10)) continue;
      loop.after(upTo(isOneIn(5) ? 5_000 : 50), () -> machine.hear(campaign));
    }
  }

  // ---- for its parts

  void committed(String id, Object event) {
    progress();
    if (TOLD) say(id, "writes", String.valueOf(event));
    tables.committed(id, event);
    if (id.startsWith("conversation")) ledger.committed(id, event);
  }

  void inRoot(Consumer<ActorContext<?>> work) {
    root.accept(work);
  }

  void eachMachine(Consumer<Machine> what) {
    machines.forEach(what);
  }

  Instant trueTime() {
    return START.plusMillis(loop.now());
  }

  boolean isOneIn(int chances) {
    return loop.random().nextInt(chances) == 0;
  }

  long upTo(long millis) {
    return loop.random().nextLong(millis + 1);
  }

  Loop loop() {
    return loop;
  }

  Tally tally() {
    return tally;
  }

  House house() {
    return house;
  }

  Scheduler scheduler() {
    return scheduler;
  }

  Breaks breaks() {
    return breaks;
  }

  Script script() {
    return script;
  }

  Disk disk() {
    return disk;
  }

  Tables tables() {
    return tables;
  }

  Ledger ledger() {
    return ledger;
  }

  Clients clients() {
    return clients;
  }

  List<String> problems() {
    return List.copyOf(problems);
  }
}
