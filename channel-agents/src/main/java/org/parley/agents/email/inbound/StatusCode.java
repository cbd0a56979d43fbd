package org.parley.agents.email.inbound;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.parley.core.spi.Inbound.Bounce.Kind;

/** Enhanced status codes (RFC 3463): how to find one in a text, and what it says of an address. */
final class StatusCode {
  private static final int MAX_CHARS = 65_536;

  /** A reply's code with the enhanced one behind it: the form that certainly is a refusal. */
  private static final Pattern REPLY =
      Pattern.compile("\\b[45][0-9]{2}[ -](?:#)?([45]\\.[0-9]{1,3}\\.[0-9]{1,3})\\b");

  private static final Pattern ALONE =
      Pattern.compile("(?<![0-9.])([45]\\.[0-9]{1,3}\\.[0-9]{1,3})(?![0-9.]*[0-9])");

  /** A reply without an enhanced code. */
  private static final Pattern BARE =
      Pattern.compile("(?:^|smtp;|said:|error:|replied:|[(\"'\\s])\\s*([45])[0-5][0-9][ -]");

  /** Codes that say less than another one that may stand beside them. */
  private static final Set<String> VAGUE = Set.of("5.0.0", "4.0.0", "5.5.0", "5.4.7", "4.4.7");

  /**
   * Permanent refusals of a message that say nothing for good about the address: a full mailbox, a
   * message too large, a policy (which is about us). Everything else of class 5 is about it.
   */
  private static final Pattern PASSING = Pattern.compile("5\\.(2\\.2|2\\.3|3\\.[0-9]+|7\\.[0-9]+)");

  private StatusCode() {}

  /** How bad a code is; codes of class 2 are no bounce. */
  static Kind kind(String status) {
    boolean hard = status.startsWith("5") && !PASSING.matcher(status).matches();
    return hard ? Kind.HARD : Kind.SOFT;
  }

  /** The code of a Status field when it says something, else the one in the diagnostic text. */
  static Optional<String> of(String status, String diagnostic) {
    Optional<String> own = first(ALONE, status);
    if (own.isPresent() && !VAGUE.contains(own.get())) return own;
    Optional<String> told = find(diagnostic);
    if (told.isPresent()) return told;
    if (own.isPresent()) return own;
    Matcher bare = BARE.matcher(cut(diagnostic));
    return bare.find() ? Optional.of(bare.group(1) + ".0.0") : Optional.empty();
  }

  /** The first code in a text, one behind a reply's code before any other. */
  static Optional<String> find(String text) {
    return first(REPLY, text).or(() -> first(ALONE, text));
  }

  private static Optional<String> first(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(cut(text));
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  private static String cut(String text) {
    return text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS);
  }
}
