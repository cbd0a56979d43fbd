package org.parley.agents.email.inbound;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a person wrote, out of a mail's text: without what they quote and without signatures. It
 * knows the forms of the common mail programs in some languages; what it does not know stays in.
 * Pure.
 */
final class ReplyText {
  /** At most so many octets in UTF-8 are kept. */
  static final int MAX_OCTETS = 65_536;

  private static final int MAX_LINES = 20_000;
  private static final int MAX_LINE_CHARS = 500;

  /** The line before a quote, such as "On Monday, Ann wrote:". */
  private static final Pattern ATTRIBUTION =
      Pattern.compile(
          "(?i)(on .* wrote|am .* schrieb .*|am .* schrieb|le .* a écrit|el .* escribió"
              + "|il .* ha scritto|op .* schreef .*|em .* escreveu|w dniu .* pisze"
              + "|.* wrote|.* schrieb|.*<[^<> ]+@[^<> ]+>.*)\\s?[:：]");

  private static final Pattern ATTRIBUTION_START =
      Pattern.compile("(?i)(on|am|le|el|il|op|em|w dniu) .*");

  private static final Pattern SEPARATOR =
      Pattern.compile(
          "(?i)-{2,}\\s?(original message|original appointment|forwarded message"
              + "|ursprüngliche nachricht|weitergeleitete nachricht|message d'origine"
              + "|message transféré|mensaje original|messaggio originale|oorspronkelijk bericht"
              + "|mensagem original)\\s?-{2,}|_{10,}");

  private static final Pattern OUTLOOK_FROM =
      Pattern.compile("(?i)\\*?(from|von|de|da|van|fra|från)\\s?:\\*? ?.*");
  private static final Pattern OUTLOOK_NEXT =
      Pattern.compile(
          "(?i)\\*?(sent|date|to|subject|gesendet|datum|an|betreff|envoyé|à|objet|enviado( el)?|para"
              + "|asunto|inviato|a|oggetto|verzonden|aan|onderwerp|assunto)\\s?:\\*? ?.*");

  private static final Pattern SENT_FROM =
      Pattern.compile(
          "(?i)(sent from my .*|get outlook for .*|sent from outlook.*|von meinem .* gesendet"
              + "|gesendet von .*|envoyé de mon .*|enviado desde mi .*|inviato da .*"
              + "|verzonden vanaf mijn .*|enviado do meu .*)");

  private final List<String> lines;
  private final StringBuilder out = new StringBuilder();

  private ReplyText(List<String> lines) {
    this.lines = lines;
  }

  /** What was written. */
  static String of(String text) {
    List<String> lines = new ArrayList<>();
    for (String line : clean(text).split("\n", MAX_LINES)) lines.add(line.stripTrailing());
    return cut(new ReplyText(lines).written());
  }

  private String written() {
    int i = 0;
    while (i < lines.size()) {
      String line = lines.get(i);
      String shown = line.strip();
      if (shown.startsWith(">")) {
        i++;
        continue;
      }
      int attribution = attributionLines(i);
      if (attribution > 0) {
        // Quoted lines below it: the answer may go on beneath them. Else all the rest is quoted.
        if (!nextShown(i + attribution).startsWith(">")) break;
        i += attribution;
        continue;
      }
      if (isEnd(i, shown)) break;
      out.append(line).append('\n');
      i++;
    }
    return out.toString().strip();
  }

  private boolean isEnd(int i, String shown) {
    String line = lines.get(i);
    if (shown.length() > MAX_LINE_CHARS) return false;
    // stripTrailing took the space of "-- " (RFC 3676, section 4.3).
    if (line.equals("--") || SEPARATOR.matcher(shown).matches()) return true;
    if (SENT_FROM.matcher(shown).matches()) return true;
    return OUTLOOK_FROM.matcher(shown).matches() && outlookLinesAfter(i) >= 2;
  }

  private int outlookLinesAfter(int i) {
    int found = 0;
    for (int next = i + 1; next < lines.size() && next <= i + 5; next++) {
      String shown = lines.get(next).strip();
      if (shown.length() <= MAX_LINE_CHARS && OUTLOOK_NEXT.matcher(shown).matches()) found++;
    }
    return found;
  }

  /** How many lines from here on are the line before a quote, which may be folded; 0 when none. */
  private int attributionLines(int i) {
    StringBuilder joined = new StringBuilder();
    for (int count = 1; count <= 3 && i + count <= lines.size(); count++) {
      String shown = lines.get(i + count - 1).strip();
      if (shown.isEmpty() || shown.startsWith(">")) return 0;
      if (joined.length() + shown.length() > MAX_LINE_CHARS) return 0;
      if (count > 1) joined.append(' ');
      joined.append(shown);
      if (count == 1 && !mayStartAttribution(joined)) return 0;
      if (isAttribution(joined, i + count)) return count;
    }
    return 0;
  }

  private static boolean mayStartAttribution(CharSequence line) {
    return ATTRIBUTION_START.matcher(line).matches() || ATTRIBUTION.matcher(line).matches();
  }

  /** Without one of the words at its beginning it takes a quote below to make it one. */
  private boolean isAttribution(CharSequence line, int below) {
    if (!ATTRIBUTION.matcher(line).matches()) return false;
    boolean dated = ATTRIBUTION_START.matcher(line).matches() && hasDigit(line);
    return dated || nextShown(below).startsWith(">");
  }

  private static boolean hasDigit(CharSequence line) {
    return line.chars().anyMatch(Character::isDigit);
  }

  private String nextShown(int from) {
    for (int i = from; i < lines.size() && i < from + 5; i++) {
      String shown = lines.get(i).strip();
      if (!shown.isEmpty()) return shown;
    }
    return "";
  }

  /** One kind of line end, and no characters that nobody sees. */
  private static String clean(String text) {
    StringBuilder out = new StringBuilder(text.length());
    String lines = text.replace("\r\n", "\n").replace('\r', '\n');
    for (int i = 0; i < lines.length(); i++) {
      char c = lines.charAt(i);
      if (c == '\u00a0') out.append(' ');
      else if (c == '\n' || c == '\t' || !isHidden(c)) out.append(c);
    }
    return out.toString();
  }

  private static boolean isHidden(char c) {
    return Character.isISOControl(c) || c == '\u200b' || c == '\ufeff' || c == '\u00ad';
  }

  private static String cut(String text) {
    int octets = 0;
    int i = 0;
    while (i < text.length()) {
      int point = text.codePointAt(i);
      octets += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
      if (octets > MAX_OCTETS) return text.substring(0, i);
      i += Character.charCount(point);
    }
    return text;
  }
}
