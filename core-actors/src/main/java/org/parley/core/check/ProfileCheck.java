package org.parley.core.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.parley.core.api.Profile;
import org.parley.core.api.Refusal;
import org.parley.core.api.RefusedException;
import org.parley.core.template.Names;

/**
 * Judges what is said of a customer and brings it into one form: addresses a carrier can be given,
 * a zone and a language that exist, attributes that templates can name. Immutable and thread-safe.
 */
public final class ProfileCheck {
  /** How many attributes a customer may have. */
  public static final int MAX_ATTRIBUTES = 100;

  /** The longest value of an attribute, in characters. */
  public static final int MAX_VALUE_CHARS = 4_096;

  private static final int MAX_PROBLEMS = 100;

  private final Optional<String> phoneRegion;

  /**
   * @param phoneRegion ISO 3166 code of the country whose telephone numbers may come without a
   *     country code; without it every number needs one
   * @throws IllegalArgumentException when there is no such region
   */
  public ProfileCheck(Optional<String> phoneRegion) {
    this.phoneRegion = requireRegion(phoneRegion);
  }

  /**
   * The region, if it is one or absent.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static Optional<String> requireRegion(Optional<String> phoneRegion) {
    if (phoneRegion.isEmpty() || PhoneNumber.isRegion(phoneRegion.get())) return phoneRegion;
    throw new IllegalArgumentException(
        "not a region with telephone numbers, such as DE: " + phoneRegion.get());
  }

  /** All that is wrong with a profile, with JSON pointers from its root. */
  public List<Refusal.Problem> problems(Profile profile) {
    List<Refusal.Problem> problems = new ArrayList<>();
    normalised(profile, problems);
    return problems;
  }

  /**
   * The profile in its normal form.
   *
   * @throws RefusedException with the {@link #problems} when there are any
   */
  public Profile normalise(Profile profile) {
    List<Refusal.Problem> problems = new ArrayList<>();
    Profile normal = normalised(profile, problems);
    if (problems.isEmpty()) return normal;
    throw new RefusedException(
        Refusal.invalid(
            "profile", "The customer's profile has values that make no sense.", problems));
  }

  private Profile normalised(Profile profile, List<Refusal.Problem> problems) {
    Profile normal =
        new Profile(
            normal(profile.email(), this::email, "email", problems),
            normal(profile.phone(), this::phone, "phone", problems),
            normal(profile.timeZone(), this::timeZone, "timeZone", problems),
            normal(profile.locale(), this::locale, "locale", problems),
            profile.attributes(),
            profile.asOf());
    checkAttributes(profile.attributes(), problems);
    return normal;
  }

  /** An email address in its normal form. */
  public String email(String raw) throws NotAcceptable {
    return EmailAddress.normalise(raw.strip());
  }

  /** A telephone number in E.164 form. */
  public String phone(String raw) throws NotAcceptable {
    return PhoneNumber.normalise(raw.strip(), phoneRegion);
  }

  /** An IANA zone id. */
  public String timeZone(String raw) throws NotAcceptable {
    return Zones.normalise(raw.strip());
  }

  /** A language tag in its canonical spelling. */
  public String locale(String raw) throws NotAcceptable {
    return Languages.normalise(raw.strip());
  }

  /** Refuses a name that no attribute may have. */
  public static void checkAttributeName(String name) throws NotAcceptable {
    if (Names.STANDARD.contains(name)) {
      throw new NotAcceptable("is a name with a meaning of its own; choose another one");
    }
    if (!Names.isName(name)) {
      throw new NotAcceptable(
          name.equals("this")
              ? "is a word of the template language; choose another name"
              : "is not a name: a letter, then letters, digits and '_', at most "
                  + Names.MAX_CHARS
                  + " of them");
    }
  }

  /** Refuses a value that could not be stored or is too long for a template. */
  public static void checkAttributeValue(String value) throws NotAcceptable {
    if (value.length() > MAX_VALUE_CHARS) {
      throw new NotAcceptable(
          "has " + value.length() + " characters; at most " + MAX_VALUE_CHARS + " are allowed");
    }
    checkText(value);
  }

  /**
   * Refuses NUL, which databases cannot store, and halves of surrogate pairs, which are no text.
   */
  public static void checkText(String text) throws NotAcceptable {
    boolean halfOpen = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) throw new NotAcceptable("contains a NUL character");
      if (halfOpen != Character.isLowSurrogate(c)) throw half();
      halfOpen = Character.isHighSurrogate(c);
    }
    if (halfOpen) throw half();
  }

  /** Whether {@link #checkText} lets it pass. */
  public static boolean isText(String text) {
    try {
      checkText(text);
      return true;
    } catch (NotAcceptable e) {
      return false;
    }
  }

  private static NotAcceptable half() {
    return new NotAcceptable("contains half of a surrogate pair");
  }

  private static void checkAttributes(
      Map<String, String> attributes, List<Refusal.Problem> problems) {
    if (attributes.size() > MAX_ATTRIBUTES) {
      problems.add(
          new Refusal.Problem(
              "/attributes",
              attributes.size() + " attributes; at most " + MAX_ATTRIBUTES + " are allowed"));
      return;
    }
    for (Map.Entry<String, String> attribute : new TreeMap<>(attributes).entrySet()) {
      if (problems.size() >= MAX_PROBLEMS) return;
      String pointer = "/attributes/" + escaped(attribute.getKey());
      try {
        checkAttributeName(attribute.getKey());
        checkAttributeValue(attribute.getValue());
      } catch (NotAcceptable e) {
        problems.add(new Refusal.Problem(pointer, e.reason()));
      }
    }
  }

  /** A name within a JSON pointer (RFC 6901, section 3), cut when it is far too long for one. */
  private static String escaped(String name) {
    String cut = name.length() <= 2 * Names.MAX_CHARS ? name : name.substring(0, Names.MAX_CHARS);
    return cut.replace("~", "~0").replace("/", "~1");
  }

  private interface Normaliser {
    String normalise(String raw) throws NotAcceptable;
  }

  private static Optional<String> normal(
      Optional<String> raw, Normaliser normaliser, String name, List<Refusal.Problem> problems) {
    if (raw.isEmpty()) return raw;
    try {
      return Optional.of(normaliser.normalise(raw.get()));
    } catch (NotAcceptable e) {
      problems.add(new Refusal.Problem("/" + name, e.reason()));
      return Optional.empty();
    }
  }
}
