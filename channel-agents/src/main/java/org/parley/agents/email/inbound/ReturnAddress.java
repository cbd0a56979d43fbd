package org.parley.agents.email.inbound;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * An address that mail came to, and what it is for: {@code reply+<token>@…}, {@code
 * bounce+<token>@…}, {@code unsubscribe+<token>@…}, or any other at a domain of ours.
 *
 * @param token as it was found there; in lower case, but for unsubscribe, where it may be a link's
 */
record ReturnAddress(Purpose purpose, Optional<String> token) {
  /** What an address is for. */
  enum Purpose {
    REPLY,
    BOUNCE,
    UNSUBSCRIBE,
    /** At a domain of ours, and for nothing that can be told from the address. */
    OTHER,
    /** At a domain of ours, and nothing that was ever made here. */
    FORGED,
    /** Not at a domain of ours. */
    FOREIGN
  }

  private static final int MAX_TOKEN_CHARS = 200;
  private static final int MAX_LOCAL_CHARS = 64;

  static ReturnAddress parse(String address, Set<String> domains) {
    int at = address.lastIndexOf('@');
    String domain = address.substring(at + 1).toLowerCase(Locale.ROOT);
    if (at <= 0 || !domains.contains(domain)) return plain(Purpose.FOREIGN);
    String local = address.substring(0, at);
    int plus = local.indexOf('+');
    Purpose purpose = purpose(plus < 0 ? local : local.substring(0, plus));
    if (purpose == Purpose.OTHER) {
      return plain(local.length() <= MAX_LOCAL_CHARS ? Purpose.OTHER : Purpose.FORGED);
    }
    if (plus < 0) return plain(purpose);
    String token = local.substring(plus + 1);
    if (!isToken(token)) return plain(Purpose.FORGED);
    boolean mayBeLink = purpose == Purpose.UNSUBSCRIBE;
    return new ReturnAddress(
        purpose, Optional.of(mayBeLink ? token : token.toLowerCase(Locale.ROOT)));
  }

  private static ReturnAddress plain(Purpose purpose) {
    return new ReturnAddress(purpose, Optional.empty());
  }

  private static Purpose purpose(String word) {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "reply" -> Purpose.REPLY;
      case "bounce" -> Purpose.BOUNCE;
      case "unsubscribe" -> Purpose.UNSUBSCRIBE;
      default -> Purpose.OTHER;
    };
  }

  private static boolean isToken(String token) {
    if (token.isEmpty() || token.length() > MAX_TOKEN_CHARS) return false;
    for (int i = 0; i < token.length(); i++) {
      char c = token.charAt(i);
      boolean allowed =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '-'
              || c == '_';
      if (!allowed) return false;
    }
    return true;
  }
}
