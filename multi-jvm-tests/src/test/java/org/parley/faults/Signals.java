package org.parley.faults;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Sends the signals that Java has no method for, to processes that a test has started. */
final class Signals {
  private Signals() {}

  /**
   * Sends a signal; one to a process that has ended is lost.
   *
   * @param name without SIG
   */
  static void send(String name, ProcessHandle process) {
    send(name, List.of(process));
  }

  /** Sends it to all at once: a program for each takes its time where there are many. */
  static void send(String name, List<ProcessHandle> processes) {
    List<String> command = new ArrayList<>(List.of("kill", "-" + name));
    for (ProcessHandle process : processes) command.add(Long.toString(process.pid()));
    try {
      Process kill =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!kill.waitFor(10, TimeUnit.SECONDS)) throw new AssertionError("kill does not end");
    } catch (IOException e) {
      throw new AssertionError("this machine has no kill", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
