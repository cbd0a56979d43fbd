package org.parley.faults;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One kind of fault, and what must hold when it happens.
 *
 * @param name what the command line calls it
 * @param nodes in how large a cluster it happens
 * @param act makes it happen; returns when it is over
 * @param must what must hold beside the invariants
 */
record Fault(String name, int nodes, Act act, Must must) {

  /** Makes a fault happen. */
  interface Act {
    void happen(Scene scene) throws IOException;
  }

  /**
   * What must hold beside the invariants.
   *
   * @param again within which time from the fault's end 99 of 100 conversations answer again
   * @param gap how long a conversation may be silent at most
   * @param planned whether it is an operator's doing: all nodes may be told to end, and so may end,
   *     but nothing may fail or be in doubt
   * @param othersFeelNothing whether the other channel must stay less than twice as slow
   */
  record Must(
      Optional<Duration> again,
      Optional<Duration> gap,
      boolean planned,
      boolean othersFeelNothing) {
    private static final Must HOLD = new Must(Optional.empty(), Optional.empty(), false, false);

    private static Must answerAgainWithin(int seconds) {
      return new Must(Optional.of(Pace.seconds(seconds)), Optional.empty(), false, false);
    }
  }

  private static final Duration LIMIT = Pace.seconds(120);
  private static final Duration OUTAGE = Duration.ofSeconds(4);

  /** From the network's cut to the first side's end, with what a busy machine adds. */
  private static final Duration SPLIT = Pace.seconds(25);

  /** All there are. */
  static List<Fault> all() {
    return List.of(
        kill("kill-random", 3, Scene::anyone),
        kill("kill-oldest", 3, scene -> scene.cluster().oldest()),
        kill("kill-lowest", 3, scene -> scene.cluster().alive().get(0)),
        kill("kill-one-of-two", 2, Scene::anyone),
        freeze(5),
        freeze(25),
        freeze(60),
        new Fault("split", 3, Fault::split, Must.answerAgainWithin(60)),
        new Fault("split-one-way", 3, Fault::splitOneWay, Must.answerAgainWithin(60)),
        new Fault("split-flapping", 3, Fault::splitFlapping, Must.answerAgainWithin(60)),
        new Fault(
            "postgres-kill", 3, scene -> scene.cluster().postgres().kill(), answersInAMinute()),
        new Fault("postgres-restart", 3, Fault::restartPostgres, answersInAMinute()),
        freezePostgres(15),
        freezePostgres(60),
        new Fault("disk-full", 3, Fault::fillDisk, answersInAMinute()),
        carrier("carrier-slow", false, "--delay", "30s"),
        carrier("carrier-drip", false, "--octets-per-second", "1"),
        carrier("carrier-drops-1", false, "--drop-after-dot-share", "0.01"),
        carrier("carrier-drops-100", false, "--drop-after-dot-share", "1"),
        carrier("sms-response-lost", true, "--lost-response-share", "0.1"),
        new Fault(
            "rolling",
            3,
            Fault::roll,
            new Must(Optional.empty(), Optional.of(Pace.seconds(2)), true, false)),
        new Fault(
            "stop-all",
            3,
            Fault::stopAll,
            new Must(Optional.of(Pace.seconds(60)), Optional.empty(), true, false)),
        new Fault("two-runners", 3, scene -> scene.anyone().order("runners"), Must.HOLD),
        clock("clock-forward", Duration.ofMinutes(5)),
        clock("clock-back", Duration.ofMinutes(-5)));
  }

  /** The one of a name. */
  static Fault named(String name) {
    return all().stream()
        .filter(fault -> fault.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no fault " + name));
  }

  private static Must answersInAMinute() {
    return Must.answerAgainWithin(60);
  }

  private interface Choice {
    Member of(Scene scene);
  }

  private static Fault kill(String name, int nodes, Choice choice) {
    return new Fault(name, nodes, scene -> choice.of(scene).kill(), Must.answerAgainWithin(15));
  }

  private static Fault freeze(int seconds) {
    Act act =
        scene -> {
          Member frozen = scene.anyone();
          frozen.freeze();
          Scene.pause(Pace.seconds(seconds));
          frozen.thaw();
        };
    return new Fault("freeze-" + seconds, 3, act, Must.answerAgainWithin(60));
  }

  private static void split(Scene scene) throws IOException {
    Member alone = scene.anyone();
    for (Member other : scene.allBut(alone)) {
      other.cutFrom(alone);
      alone.cutFrom(other);
    }
    awaitSplit(scene, alone);
    mend(scene, alone);
  }

  /** One node hears the others, and is not heard by them. */
  private static void splitOneWay(Scene scene) throws IOException {
    Member mute = scene.anyone();
    for (Member other : scene.allBut(mute)) other.cutFrom(mute);
    awaitSplit(scene, mute);
    mend(scene, mute);
  }

  /** A cut that the others do not even notice would prove nothing. */
  private static void awaitSplit(Scene scene, Member alone) {
    long end = System.nanoTime() + SPLIT.toNanos();
    for (Member other : scene.allBut(alone)) {
      Awaited.await(other + " misses " + alone, SPLIT, () -> Cluster.misses(other, alone));
    }
    Scene.pause(Duration.ofNanos(end - System.nanoTime()));
  }

  private static void splitFlapping(Scene scene) throws IOException {
    Member alone = scene.anyone();
    for (int flap = 0; flap < 4; flap++) {
      for (Member other : scene.allBut(alone)) {
        other.cutFrom(alone);
        alone.cutFrom(other);
      }
      Scene.pause(Duration.ofMillis(2_000 + scene.random().nextInt(4_000)));
      mend(scene, alone);
      Scene.pause(Duration.ofMillis(1_000 + scene.random().nextInt(3_000)));
    }
  }

  private static void mend(Scene scene, Member alone) throws IOException {
    for (Member other : scene.allBut(alone)) {
      other.mendFrom(alone);
      alone.mendFrom(other);
    }
    Trial.note("the network is whole again");
  }

  private static void restartPostgres(Scene scene) throws IOException {
    scene.cluster().postgres().stop();
    Scene.pause(OUTAGE);
    scene.cluster().postgres().startAgain();
  }

  private static Fault freezePostgres(int seconds) {
    Act act =
        scene -> {
          scene.cluster().postgres().freeze();
          Scene.pause(Duration.ofSeconds(seconds));
          scene.cluster().postgres().thaw();
        };
    // What a conversation knows is shown without the database.
    Must must =
        new Must(Optional.of(Pace.seconds(60)), Optional.of(Pace.seconds(10)), false, false);
    return new Fault("postgres-freeze-" + seconds, 3, act, must);
  }

  private static void fillDisk(Scene scene) throws IOException {
    try (Asking asking = Asking.start(scene.cluster().client(), "full", scene.run().audienceId())) {
      asking.awaitAcknowledged(3);
      scene.cluster().disk().fill();
      // Reading needs no room.
      asking.awaitRefusals(OUTAGE, "PUT", "POST");
      scene.cluster().disk().empty();
      asking.awaitAcknowledged(3);
      asking.stop();
      asking.judge("disk-full");
    }
  }

  private static Fault carrier(String name, boolean sms, String... behaviour) {
    Act act =
        scene -> {
          (sms ? scene.sms() : scene.mail()).change(behaviour);
          Scene.pause(Duration.ofSeconds(20));
          if (sms) scene.sms().change();
          else scene.mail().change("--delay", FaultRun.DELAY);
        };
    Must must = new Must(Optional.empty(), Optional.empty(), false, !sms);
    return new Fault(name, 2, act, must);
  }

  private static void roll(Scene scene) throws IOException {
    for (Member member : scene.cluster().members()) {
      member.askToStop();
      member.awaitStop(LIMIT);
      member.startAgain();
      member.awaitReady(LIMIT);
    }
  }

  /** Every node is told to end at the same moment, and all are started again. */
  private static void stopAll(Scene scene) throws IOException {
    List<Member> all = scene.cluster().members();
    for (Member member : all) member.askToStop();
    for (Member member : all) member.awaitStop(LIMIT);
    for (Member member : all) member.startAgain();
    for (Member member : all) member.awaitReady(LIMIT);
  }

  private static Fault clock(String name, Duration step) {
    Act act =
        scene -> {
          Member one = scene.anyone();
          one.stepClock(step);
          Scene.pause(Duration.ofSeconds(15));
          one.stepClock(Duration.ZERO);
        };
    return new Fault(name, 3, act, Must.HOLD);
  }
}
