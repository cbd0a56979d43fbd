package org.parley.ops;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The carriers beside a node that is measured, one for each channel, each in a process of its own.
 */
final class BenchCarriers {
  private final Set<BenchChannel> channels;
  private final Optional<Address> smtp;
  private final Callees callees;

  /**
   * What happens to a call.
   *
   * @param sandbox switches of the telephone exchange
   * @param carrier settings of the carrier at the node, in HOCON
   */
  private record Callees(List<String> sandbox, String carrier) {
    /** Everybody takes up the phone at once and presses a key that ends the call. */
    static final Callees PRESS =
        new Callees(List.of("--ring", "50ms", "--press", "1", "--press-after", "100ms"), "");
  }

  private BenchCarriers(Set<BenchChannel> channels, Optional<Address> smtp, Callees callees) {
    this.channels = Set.copyOf(channels);
    this.smtp = smtp;
    this.callees = callees;
  }

  /**
   * Carriers of some channels.
   *
   * @param smtp where mails go; a sandbox carrier when absent
   */
  static BenchCarriers of(Set<BenchChannel> channels, Optional<Address> smtp) {
    return new BenchCarriers(channels, smtp, Callees.PRESS);
  }

  /**
   * A telephone exchange where everybody takes up the phone and listens to the end of the prompt,
   * whereupon the node hangs up.
   */
  static BenchCarriers ofCalls(int ringMillis) {
    Callees listen = new Callees(List.of("--ring", ringMillis + "ms"), "answer-wait = 0ms, ");
    return new BenchCarriers(Set.of(BenchChannel.PHONE), Optional.empty(), listen);
  }

  /** What the telephone exchange has written down: when each call came in. */
  static Path callLedger(Path directory) {
    return ledger(directory, BenchChannel.PHONE);
  }

  /** Starts what is not there already; the answer is what has been started. */
  Map<BenchChannel, SandboxProcess> start(Launch launch, Path directory) {
    Map<BenchChannel, SandboxProcess> started = new EnumMap<>(BenchChannel.class);
    for (BenchChannel channel : BenchChannel.values()) {
      boolean there = channel == BenchChannel.EMAIL && smtp.isPresent();
      if (!channels.contains(channel) || there) continue;
      started.put(
          channel,
          SandboxProcess.start(
              launch,
              channel,
              directory.resolve("sandbox-" + channel.protocol() + ".log"),
              arguments(channel, ledger(directory, channel))));
    }
    return started;
  }

  private static Path ledger(Path directory, BenchChannel channel) {
    return directory.resolve("ledger-" + channel.protocol());
  }

  private List<String> arguments(BenchChannel channel, Path ledger) {
    List<String> arguments = new ArrayList<>(List.of("--port", "0", "--ledger", ledger.toString()));
    if (channel == BenchChannel.PHONE) arguments.addAll(callees.sandbox);
    return arguments;
  }

  /** The node's settings for these carriers, in HOCON. */
  String configuration(Map<BenchChannel, SandboxProcess> started, int connections) {
    StringBuilder out = new StringBuilder("parley.carriers = [\n");
    if (channels.contains(BenchChannel.EMAIL)) {
      Address to = smtp.orElseGet(() -> address(started, BenchChannel.EMAIL));
      out.append(carrier(BenchChannel.EMAIL, to))
          .append("connections = %d, per-second = 10000 }%n".formatted(connections));
    }
    if (channels.contains(BenchChannel.SMS)) {
      out.append(carrier(BenchChannel.SMS, address(started, BenchChannel.SMS)))
          .append("sessions = 4, window = 100, queue = 5000, per-second = 10000 }\n");
    }
    if (channels.contains(BenchChannel.PHONE)) {
      out.append(carrier(BenchChannel.PHONE, address(started, BenchChannel.PHONE)))
          .append(callees.carrier)
          .append("connections = 200, queue = 5000, per-second = 1000 }\n");
    }
    out.append("]\n");
    // Pools large enough that the carriers and the processor are what limits.
    if (channels.contains(BenchChannel.SMS)) {
      out.append("parley.agents.sms { min-instances = 3, per-second-per-instance = 0 }\n");
    }
    if (channels.contains(BenchChannel.PHONE))
      out.append("parley.agents.phone.min-instances = 10\n");
    return out.toString();
  }

  private static String carrier(BenchChannel channel, Address to) {
    return "  { name = bench-%s, channel = %s, protocol = %s, host = \"%s\", port = %d, "
        .formatted(channel.label(), channel.label(), channel.protocol(), to.host(), to.port());
  }

  private static Address address(Map<BenchChannel, SandboxProcess> started, BenchChannel channel) {
    SandboxProcess sandbox = started.get(channel);
    if (sandbox == null) throw new IllegalStateException(channel + " was not started");
    return sandbox.awaitAddress();
  }
}
