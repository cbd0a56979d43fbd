package org.parley.agents.sms;

import org.jsmpp.bean.NumberingPlanIndicator;
import org.jsmpp.bean.TypeOfNumber;
import org.parley.agents.settings.Checked;
import org.parley.core.api.GsmAlphabet;

/**
 * Whom a text message comes from: a number ({@code +} and 7 to 15 digits), a short code (3 to 8
 * digits), or a name of at most 11 characters of the GSM alphabet (SMPP 3.4, section 5.2.5).
 */
record SourceAddress(TypeOfNumber ton, NumberingPlanIndicator npi, String value) {
  private static final String ALLOWED =
      "+ and 7 to 15 digits, a short code of 3 to 8 digits, or a name of 1 to 11 characters of the"
          + " GSM alphabet";
  private static final int MAX_NAME_CHARS = 11;

  /** Reads {@code from}, {@code from-ton} and {@code from-npi}. */
  static SourceAddress read(Checked config) {
    SourceAddress plain = of(config, config.text("from"));
    return new SourceAddress(
        isAuto(config, "from-ton")
            ? plain.ton
            : TypeOfNumber.valueOf((byte) config.number("from-ton", 0, 6)),
        isAuto(config, "from-npi") ? plain.npi : npi(config),
        plain.value);
  }

  private static boolean isAuto(Checked config, String key) {
    return config.config().getString(key).equals("auto");
  }

  private static NumberingPlanIndicator npi(Checked config) {
    int value = config.number("from-npi", 0, 18);
    for (NumberingPlanIndicator npi : NumberingPlanIndicator.values()) {
      if (npi.value() == value) return npi;
    }
    throw config.bad("from-npi", Integer.toString(value), "one of SMPP 3.4, section 5.2.6");
  }

  private static SourceAddress of(Checked config, String from) {
    if (from.matches("\\+[1-9][0-9]{6,14}")) {
      return new SourceAddress(
          TypeOfNumber.INTERNATIONAL, NumberingPlanIndicator.ISDN, from.substring(1));
    }
    if (from.matches("[0-9]{3,8}")) {
      return new SourceAddress(TypeOfNumber.NETWORK_SPECIFIC, NumberingPlanIndicator.UNKNOWN, from);
    }
    boolean isName =
        from.length() <= MAX_NAME_CHARS
            && from.chars().allMatch(c -> c >= ' ' && c < 0x7f && GsmAlphabet.septets((char) c) > 0)
            && !from.matches("\\+?[0-9]+");
    if (!isName) throw config.bad("from", from, ALLOWED);
    return new SourceAddress(TypeOfNumber.ALPHANUMERIC, NumberingPlanIndicator.UNKNOWN, from);
  }
}
