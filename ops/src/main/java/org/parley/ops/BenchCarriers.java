package org.parley.ops;

import java.nio.file.Path;
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

  private BenchCarriers(Set<BenchChannel> channels, Optional<Address> smtp) {
    this.channels = Set.copyOf(channels);
    this.smtp = smtp;
  }

  /**
   * Carriers of some channels.
   *
   * @param smtp where mails go; a sandbox carrier when absent
   */
  static BenchCarriers of(Set<BenchChannel> channels, Optional<Address> smtp) {
    return new BenchCarriers(channels, smtp);
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

  private static List<String> arguments(BenchChannel channel, Path ledger) {
    List<String> common = List.of("--port", "0", "--ledger", ledger.toString());
    return switch (channel) {
      case EMAIL, SMS -> common;
      // Everybody takes up the phone at once and presses a key that ends the call.
      case PHONE ->
          List.of(
              "--port",
              "0",
              "--ledger",
              ledger.toString(),
              "--ring",
              "50ms",
              "--press",
              "1",
              "--press-after",
              "100ms");
    };
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
