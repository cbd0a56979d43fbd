package org.parley.core.template;

import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/** What may stand between braces: the form of names, the names that always exist, near misses. */
public final class Names {
  /** The longest name of an attribute or variable. */
  public static final int MAX_CHARS = 64;

  /**
   * Names that every template knows, whatever the audience. No attribute may be called so, for it
   * would be hidden.
   */
  public static final Set<String> STANDARD =
      Set.of("customerId", "email", "phone", "locale", "timeZone", "unsubscribeUrl");

  private static final int MAX_COMPARED = 1_000;

  private Names() {}

  /**
   * Whether a text is a name: a letter, then letters, digits and '_', all ASCII, at most 64. The
   * word {@code this} is not: in Mustache it stands for everything that is known.
   */
  public static boolean isName(String text) {
    if (text.isEmpty() || text.length() > MAX_CHARS || !isLetter(text.charAt(0))) return false;
    for (int i = 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!isLetter(c) && (c < '0' || c > '9') && c != '_') return false;
    }
    return !text.equals("this");
  }

  /**
   * The candidate that was probably meant. Case does not count; of the letters at most a third may
   * differ, be missing or stand the wrong way round. Of very many candidates only the first 1,000
   * are looked at.
   */
  public static Optional<String> closest(String text, Collection<String> candidates) {
    if (text.length() > MAX_CHARS) return Optional.empty();
    String lower = lower(text);
    String best = null;
    int bestDistance = Math.max(1, text.length() / 3) + 1;
    int compared = 0;
    for (String candidate : candidates) {
      if (++compared > MAX_COMPARED) break;
      if (Math.abs(candidate.length() - text.length()) >= bestDistance) continue;
      int distance = distance(lower, lower(candidate));
      if (distance < bestDistance) {
        best = candidate;
        bestDistance = distance;
      }
    }
    return Optional.ofNullable(best);
  }

  /** A sentence that names the closest candidate, or nothing. */
  public static String didYouMean(String text, Collection<String> candidates) {
    return closest(text, candidates).map(c -> "; did you mean '" + c + "'?").orElse("");
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private static String lower(String text) {
    return text.toLowerCase(java.util.Locale.ROOT);
  }

  /** Edit distance in which two neighbours that changed places count once. */
  private static int distance(String a, String b) {
    int[] beforeLast = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) last[j] = j;
    for (int i = 1; i <= a.length(); i++) {
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(Math.min(row[j - 1], last[j]) + 1, last[j - 1] + change);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
        }
      }
      int[] free = beforeLast;
      beforeLast = last;
      last = row;
      row = free;
    }
    return last[b.length()];
  }
}
