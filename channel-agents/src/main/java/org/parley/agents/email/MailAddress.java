package org.parley.agents.email;

import java.net.IDN;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * An address that may stand between {@code <} and {@code >} on the wire and in a header: it holds
 * no character that could end a line or the address. The domain is in its ASCII form.
 *
 * @param local a dot-atom or quoted string (RFC 5321, section 4.1.2), perhaps in UTF-8 (RFC 6531)
 * @param domain in punycode when it was international (RFC 5890)
 * @param ascii whether the local part is ASCII, so that no SMTPUTF8 is needed
 */
record MailAddress(String local, String domain, boolean ascii) {
  private static final int MAX_LOCAL_OCTETS = 64;
  private static final int MAX_DOMAIN_OCTETS = 255;
  private static final Pattern LITERAL = Pattern.compile("\\[[A-Za-z0-9.:]{2,60}]");

  /** Characters that IDNA 2003, which Java speaks, maps to another name than IDNA 2008 does. */
  private static final String DEVIATIONS = "\u00df\u03c2\u200c\u200d";

  /**
   * Reads an address.
   *
   * @throws Unsendable {@code badAddress} when it is none, {@code addressNotSupported} when its
   *     domain has no certain ASCII form
   */
  static MailAddress parse(String text) throws Unsendable {
    int at = text.lastIndexOf('@');
    if (at <= 0 || at == text.length() - 1) throw bad("it has no local part or no domain");
    String local = text.substring(0, at);
    boolean ascii = isAscii(local);
    checkLocal(local, ascii);
    return new MailAddress(local, asciiDomain(text.substring(at + 1)), ascii);
  }

  /** The address as it stands on the wire, without brackets. */
  @Override
  public String toString() {
    return local + '@' + domain;
  }

  private static void checkLocal(String local, boolean ascii) throws Unsendable {
    int octets = ascii ? local.length() : local.getBytes(StandardCharsets.UTF_8).length;
    if (octets > MAX_LOCAL_OCTETS) throw bad("its local part is longer than 64 octets");
    if (local.charAt(0) == '"') {
      checkQuoted(local);
      return;
    }
    char previous = '.';
    for (int i = 0; i < local.length(); i++) {
      char c = local.charAt(i);
      if (c == '.' ? previous == '.' : !isAtomText(c)) {
        throw bad("its local part has a character that is not allowed there");
      }
      previous = c;
    }
    if (previous == '.') throw bad("its local part ends with a dot");
  }

  private static void checkQuoted(String local) throws Unsendable {
    int end = local.length() - 1;
    if (end < 2 || local.charAt(end) != '"') throw bad("its quoted local part does not end");
    for (int i = 1; i < end; i++) {
      char c = local.charAt(i);
      if (Character.isISOControl(c) || Character.isSurrogate(c)) throw bad("a control character");
      if (c == '"') throw bad("its quoted local part ends early");
      if (c == '\\' && ++i >= end) throw bad("its quoted local part does not end");
      if (Character.isISOControl(local.charAt(i))) throw bad("a control character");
    }
  }

  private static boolean isAtomText(char c) {
    if (c >= 0x80) return !Character.isISOControl(c) && !isSeparator(c);
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "!#$%&'*+-/=?^_`{|}~".indexOf(c) >= 0;
  }

  private static boolean isSeparator(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\ufeff';
  }

  private static String asciiDomain(String domain) throws Unsendable {
    if (domain.length() > MAX_DOMAIN_OCTETS) throw bad("its domain is longer than 255 octets");
    if (domain.charAt(0) == '[') {
      if (LITERAL.matcher(domain).matches()) return domain;
      throw bad("its domain is not a domain");
    }
    String ascii = domain;
    if (!isAscii(domain)) {
      for (int i = 0; i < DEVIATIONS.length(); i++) {
        if (domain.indexOf(DEVIATIONS.charAt(i)) >= 0) {
          throw new Unsendable("addressNotSupported", "its domain has no certain ASCII form");
        }
      }
      try {
        ascii = IDN.toASCII(domain, IDN.USE_STD3_ASCII_RULES);
      } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
        throw bad("its domain is not a domain");
      }
    }
    checkLabels(ascii);
    return ascii;
  }

  private static void checkLabels(String domain) throws Unsendable {
    if (domain.length() > MAX_DOMAIN_OCTETS) throw bad("its domain is longer than 255 octets");
    int start = 0;
    while (start <= domain.length()) {
      int dot = domain.indexOf('.', start);
      int end = dot < 0 ? domain.length() : dot;
      if (!isLabel(domain, start, end)) throw bad("its domain is not a domain");
      start = end + 1;
    }
  }

  private static boolean isLabel(String domain, int start, int end) {
    int length = end - start;
    if (length < 1 || length > 63 || domain.charAt(start) == '-' || domain.charAt(end - 1) == '-') {
      return false;
    }
    for (int i = start; i < end; i++) {
      char c = domain.charAt(i);
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

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) return false;
    }
    return true;
  }

  private static Unsendable bad(String why) {
    return new Unsendable("badAddress", why);
  }
}
