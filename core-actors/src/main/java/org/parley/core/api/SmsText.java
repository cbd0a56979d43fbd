package org.parley.core.api;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A text as text messages carry it: in the GSM alphabet when every character is in it, else in
 * UCS-2; in one segment when it fits, else in several that a telephone joins (3GPP TS 23.040,
 * section 9.2.3.24.1). Neither an escaped character nor a surrogate pair is cut in two.
 *
 * @param segments the text's pieces in order, at least one
 */
public record SmsText(Encoding encoding, List<String> segments) {

  /** How characters are written. */
  public enum Encoding {
    /** Septets: 160 alone, 153 in each of several segments. */
    GSM(160, 153),
    /** Pairs of octets: 70 alone, 67 in each of several segments. */
    UCS2(70, 67);

    private final int alone;
    private final int joined;

    Encoding(int alone, int joined) {
      this.alone = alone;
      this.joined = joined;
    }

    /** The name in JSON. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    private int units(String text, int from, int to) {
      if (this == UCS2) return to - from;
      int units = 0;
      for (int i = from; i < to; i++) units += GsmAlphabet.septets(text.charAt(i));
      return units;
    }
  }

  public SmsText {
    segments = List.copyOf(segments);
  }

  /** Chooses the encoding by the text, and cuts it. */
  public static SmsText of(String text) {
    Encoding encoding = isGsm(text) ? Encoding.GSM : Encoding.UCS2;
    if (encoding.units(text, 0, text.length()) <= encoding.alone) {
      return new SmsText(encoding, List.of(text));
    }
    List<String> segments = new ArrayList<>();
    int from = 0;
    int units = 0;
    for (int i = 0; i < text.length(); ) {
      int next = i + Character.charCount(text.codePointAt(i));
      int more = encoding.units(text, i, next);
      if (units + more > encoding.joined) {
        segments.add(text.substring(from, i));
        from = i;
        units = 0;
      }
      units += more;
      i = next;
    }
    segments.add(text.substring(from));
    return new SmsText(encoding, segments);
  }

  private static boolean isGsm(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (GsmAlphabet.septets(text.charAt(i)) == GsmAlphabet.NOT_IN_ALPHABET) return false;
    }
    return true;
  }

  /** The octets of one segment: septets in octets, or UTF-16 with the high octet first. */
  public byte[] octets(int segment) {
    String text = segments.get(segment);
    return encoding == Encoding.GSM
        ? GsmAlphabet.encode(text)
        : text.getBytes(StandardCharsets.UTF_16BE);
  }
}
