package org.parley.agents.sandbox.sip;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.parley.agents.settings.Checked;

/**
 * How the telephone sandbox behaves.
 *
 * @param port 0 takes a free one
 * @param fsync whether a ledger line is on the disk before the answer
 * @param username who must log in; empty: nobody
 * @param ring how long a phone rings before it is answered
 * @param press keys that everybody presses; empty: none
 * @param pressAfter how long after the answer
 * @param hangUpAfter how long after the answer everybody hangs up; zero: never
 * @param busyShare the share of calls that find the line busy
 * @param vanishShare the share of calls that are taken and never answered by a single message
 * @param calls how many of the newest calls are kept to look at
 */
public record SandboxSipSettings(
    String host,
    int port,
    boolean tcp,
    Optional<Path> ledger,
    boolean fsync,
    Optional<String> username,
    String password,
    Duration ring,
    String press,
    Duration pressAfter,
    Duration hangUpAfter,
    double busyShare,
    double vanishShare,
    long seed,
    int calls) {

  /** Reads {@code parley.sandbox.sip}. */
  public static SandboxSipSettings read(Config root) {
    Checked config = Checked.at(root, "parley.sandbox.sip");
    Duration hour = Duration.ofHours(1);
    return new SandboxSipSettings(
        config.text("host"),
        config.number("port", 0, 65_535),
        config.oneOf("transport", List.of("udp", "tcp")).equals("tcp"),
        config.file("ledger"),
        config.flag("ledger-fsync"),
        config.maybe("username"),
        config.config().getString("password"),
        config.time("ring", Duration.ZERO, hour),
        config.config().getString("press"),
        config.time("press-after", Duration.ZERO, hour),
        config.time("hang-up-after", Duration.ZERO, hour),
        config.share("busy-share"),
        config.share("vanish-share"),
        config.config().getLong("seed"),
        config.number("calls", 0, 100_000));
  }
}
