package org.parley.core.check;

import java.net.IDN;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Locale;

/**
 * The form of an email address that a mail server can be given: RFC 5321, section 4.1.2, with local
 * parts in UTF-8 as RFC 6531, section 3.3 allows them. Address literals ({@code user@[192.0.2.1]})
 * and domains of a single label are refused: they are mistakes in a list of customers.
 */
final class EmailAddress {
  /** RFC 5321, section 4.5.3.1.3: a path of 256 octets includes its angle brackets. */
  private static final int MAX_OCTETS = 254;

  /** RFC 5321, section 4.5.3.1.1. */
  private static final int MAX_LOCAL_OCTETS = 64;

  /** RFC 1035, section 2.3.4. */
  private static final int MAX_LABEL_OCTETS = 63;

  private static final boolean[] ATOM = new boolean[128];

  static {
    for (char c = 'a'; c <= 'z'; c++) ATOM[c] = true;
    for (char c = 'A'; c <= 'Z'; c++) ATOM[c] = true;
    for (char c = '0'; c <= '9'; c++) ATOM[c] = true;
    for (char c : "!#$%&'*+-/=?^_`{|}~".toCharArray()) ATOM[c] = true;
  }

  private EmailAddress() {}

  /**
   * The address with its domain in lower case and, if it is an international one, in its ASCII form
   * (RFC 3490). The local part stays as it is, for only its own server may say what is the same; in
   * UTF-8 it becomes NFC (RFC 6532, section 3.1).
   */
  static String normalise(String raw) throws NotAcceptable {
    int at = raw.lastIndexOf('@');
    if (at < 0) throw new NotAcceptable("has no @");
    if (at == 0) throw new NotAcceptable("has nothing before the @");
    if (raw.length() > 4 * MAX_OCTETS) throw tooLong();
    if (isPlainLocal(raw, at) && isPlainDomain(raw, at + 1)) {
      if (raw.length() > MAX_OCTETS) throw tooLong();
      return raw;
    }
    String address = local(raw.substring(0, at)) + '@' + domain(raw.substring(at + 1));
    if (octets(address) > MAX_OCTETS) throw tooLong();
    return address;
  }

  private static NotAcceptable tooLong() {
    return new NotAcceptable("is longer than " + MAX_OCTETS + " octets");
  }

  /** Whether it needs no further look; most do not. */
  private static boolean isPlainLocal(String raw, int end) {
    if (end > MAX_LOCAL_OCTETS) return false;
    boolean afterDot = true;
    for (int i = 0; i < end; i++) {
      char c = raw.charAt(i);
      if (c == '.') {
        if (afterDot) return false;
        afterDot = true;
      } else {
        if (c >= 128 || !ATOM[c]) return false;
        afterDot = false;
      }
    }
    return !afterDot;
  }

  private static boolean isPlainDomain(String raw, int start) {
    int labelStart = start;
    boolean dots = false;
    for (int i = start; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c == '.') {
        if (!isPlainLabel(raw, labelStart, i)) return false;
        labelStart = i + 1;
        dots = true;
      } else if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-') {
        return false;
      }
    }
    return dots && isPlainLabel(raw, labelStart, raw.length()) && hasLetter(raw, labelStart);
  }

  private static boolean isPlainLabel(String raw, int start, int end) {
    return end > start
        && end - start <= MAX_LABEL_OCTETS
        && raw.charAt(start) != '-'
        && raw.charAt(end - 1) != '-';
  }

  /** A last label of digits only is an IPv4 address, not a domain. */
  private static boolean hasLetter(String raw, int start) {
    for (int i = start; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c >= 'a' && c <= 'z') return true;
    }
    return false;
  }

  private static String local(String raw) throws NotAcceptable {
    if (raw.startsWith("\"")) return quoted(raw);
    int previous = '.';
    for (int i = 0; i < raw.length(); ) {
      int c = raw.codePointAt(i);
      if (c == '.' && previous == '.') {
        throw new NotAcceptable("has a dot at the start of the local part or two in a row");
      }
      if (c != '.' && !isAtom(c)) throw new NotAcceptable(notAllowed(c));
      previous = c;
      i += Character.charCount(c);
    }
    if (previous == '.') throw new NotAcceptable("has a dot before the @");
    String local = Normalizer.normalize(raw, Normalizer.Form.NFC);
    if (octets(local) > MAX_LOCAL_OCTETS) {
      throw new NotAcceptable("has more than " + MAX_LOCAL_OCTETS + " octets before the @");
    }
    return local;
  }

  /** RFC 5321's Quoted-string: printable, with {@code "} and {@code \} only behind a {@code \}. */
  private static String quoted(String raw) throws NotAcceptable {
    int end = raw.length() - 1;
    if (end < 2 || raw.charAt(end) != '"') throw new NotAcceptable("has an open quote");
    for (int i = 1; i < end; i++) {
      char c = raw.charAt(i);
      if (c == '"') throw new NotAcceptable("has a quote within quotes");
      if (c == '\\' && ++i == end) throw new NotAcceptable("has an open quote");
      char escaped = raw.charAt(i);
      if (escaped < ' ' || escaped > '~') throw new NotAcceptable(notAllowed(raw.codePointAt(i)));
    }
    if (raw.length() > MAX_LOCAL_OCTETS) {
      throw new NotAcceptable("has more than " + MAX_LOCAL_OCTETS + " octets before the @");
    }
    return raw;
  }

  private static boolean isAtom(int c) {
    if (c < 128) return ATOM[c];
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.UNASSIGNED,
          Character.PRIVATE_USE,
          Character.SPACE_SEPARATOR,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  private static String notAllowed(int c) {
    String name = c > ' ' && c <= '~' ? "'" + (char) c + "'" : "U+%04X".formatted(c);
    return "has " + name + " before the @, which is not allowed there";
  }

  private static String domain(String raw) throws NotAcceptable {
    if (raw.isEmpty()) throw new NotAcceptable("has nothing after the @");
    if (raw.startsWith("[")) throw new NotAcceptable("has an IP address instead of a domain");
    String domain;
    try {
      domain = IDN.toASCII(raw, IDN.USE_STD3_ASCII_RULES).toLowerCase(Locale.ROOT);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new NotAcceptable("has a domain that does not exist in the DNS's form");
    }
    if (domain.indexOf('.') < 0) throw new NotAcceptable("has a domain without a dot");
    if (!isPlainDomain(domain, 0)) {
      throw new NotAcceptable("has a domain that does not exist in the DNS's form");
    }
    return domain;
  }

  private static int octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
