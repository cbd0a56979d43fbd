package org.parley.core.check;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import com.google.i18n.phonenumbers.Phonenumber;
import java.util.Optional;

/** A telephone number in the form of ITU-T E.164: {@code +} and 7 to 15 digits. */
final class PhoneNumber {
  private static final int MIN_DIGITS = 7;
  private static final int MAX_DIGITS = 15;
  private static final int MAX_CHARS = 64;

  private PhoneNumber() {}

  /** Whether the numbering plans of a region are known. */
  static boolean isRegion(String region) {
    return PhoneNumberUtil.getInstance().getSupportedRegions().contains(region);
  }

  /**
   * A number that is in E.164 form already is taken as it is; whether somebody has it only a
   * carrier knows. Every other spelling must be a possible number of its country.
   *
   * @param region ISO 3166 code of the country whose numbers may come without a country code
   */
  static String normalise(String raw, Optional<String> region) throws NotAcceptable {
    if (isE164(raw)) return raw;
    if (raw.length() > MAX_CHARS) throw new NotAcceptable("is too long for a telephone number");
    try {
      PhoneNumberUtil library = PhoneNumberUtil.getInstance();
      Phonenumber.PhoneNumber number = library.parse(raw, region.orElse("ZZ"));
      if (number.hasExtension()) throw new NotAcceptable("has an extension");
      String normal = library.format(number, PhoneNumberFormat.E164);
      if (library.isPossibleNumber(number) && isE164(normal)) return normal;
      throw new NotAcceptable("has too few or too many digits for its country");
    } catch (NumberParseException e) {
      throw new NotAcceptable(
          e.getErrorType() == NumberParseException.ErrorType.INVALID_COUNTRY_CODE
              ? "has no valid country code; write it as +<country code><number>"
              : "is not a telephone number");
    }
  }

  private static boolean isE164(String raw) {
    int digits = raw.length() - 1;
    if (digits < MIN_DIGITS || digits > MAX_DIGITS) return false;
    if (raw.charAt(0) != '+' || raw.charAt(1) == '0') return false;
    for (int i = 1; i <= digits; i++) {
      char c = raw.charAt(i);
      if (c < '0' || c > '9') return false;
    }
    return true;
  }
}
