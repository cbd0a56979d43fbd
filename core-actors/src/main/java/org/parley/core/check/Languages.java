package org.parley.core.check;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.IllformedLocaleException;
import java.util.Locale;

/** Language tags of BCP 47 (RFC 5646) in their canonical spelling. */
final class Languages {
  /** RFC 5646, section 4.4.1 says that 35 characters are enough for all but private tags. */
  private static final int MAX_CHARS = 64;

  // A list of customers has a handful of languages; parsing one costs a microsecond.
  private static final Cache<String, String> KNOWN =
      Caffeine.newBuilder().maximumSize(1_000).executor(Runnable::run).build();

  private Languages() {}

  /** {@code en_us}, as many systems export it, is taken for {@code en-US}. */
  static String normalise(String raw) throws NotAcceptable {
    String known = raw.length() <= MAX_CHARS ? KNOWN.getIfPresent(raw) : null;
    if (known != null) return known;
    String tag = parse(raw);
    KNOWN.put(raw, tag);
    return tag;
  }

  private static String parse(String raw) throws NotAcceptable {
    try {
      if (raw.length() <= MAX_CHARS) {
        Locale locale = new Locale.Builder().setLanguageTag(raw.replace('_', '-')).build();
        if (!locale.getLanguage().isEmpty()) return locale.toLanguageTag();
      }
    } catch (IllformedLocaleException e) {
      throw new NotAcceptable("is not a language tag such as en or pt-BR");
    }
    throw new NotAcceptable("is not a language tag such as en or pt-BR");
  }
}
