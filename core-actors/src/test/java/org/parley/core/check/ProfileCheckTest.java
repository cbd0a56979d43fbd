package org.parley.core.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.strings;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.parley.core.api.Profile;
import org.parley.core.api.Refusal.Problem;
import org.parley.core.api.RefusedException;

class ProfileCheckTest {
  private final ProfileCheck check = new ProfileCheck(Optional.empty());

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "ada@example.com, ada@example.com",
        "Ada.Lovelace+x@EXAMPLE.Com, Ada.Lovelace+x@example.com",
        "o'brien@example.com, o'brien@example.com",
        "a!#$%&'*+-/=?^_{|}~@example.com, a!#$%&'*+-/=?^_{|}~@example.com",
        "x@xn--bcher-kva.example, x@xn--bcher-kva.example",
        "x@bücher.example, x@xn--bcher-kva.example",
        "x@BÜCHER.example, x@xn--bcher-kva.example",
        "x@a。example, x@a.example",
        "用户@例子.公司, 用户@xn--fsqu00a.xn--55qx5d",
        "zoë@example.com, zoë@example.com",
        "\"john doe\"@example.com, \"john doe\"@example.com",
        "\"a@b\"@example.com, \"a@b\"@example.com",
        "\"a\\\"b\"@example.com, \"a\\\"b\"@example.com",
        "a@1.example, a@1.example",
        "`  a@example.com `, a@example.com",
      })
  void aGoodAddressComesOutInItsNormalForm(String raw, String normal) throws NotAcceptable {
    assertThat(check.email(raw)).isEqualTo(normal);
    assertThat(check.email(normal)).isEqualTo(normal);
  }

  @Test
  void aLocalPartOfDecomposedLettersIsComposed() throws NotAcceptable {
    assertThat(check.email("zoe\u0308@example.com")).isEqualTo("zo\u00eb@example.com");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "@example.com",
        "a@",
        "a@b",
        "a@localhost",
        "a@.example",
        "a@example.",
        "a@b..c",
        ".a@example.com",
        "a.@example.com",
        "a..b@example.com",
        "a b@example.com",
        "a@exam ple.com",
        "a,b@example.com",
        "a;b@example.com",
        "<a@example.com>",
        "Ada <a@example.com>",
        "a@example.com,b@example.com",
        "a@b@example.com",
        "a@-example.com",
        "a@example-.com",
        "a@exam_ple.com",
        "a@[192.0.2.1]",
        "a@192.0.2.1",
        "a\r\nBcc:x@example.com",
        "a@example.com\r\nBcc: x",
        "a\0@example.com",
        "\"a@example.com",
        "\"a\"b\"@example.com",
        "\"\"@example.com",
        "\"a\\\"@example.com",
        "\"a\nb\"@example.com",
        "a\u200bb@example.com",
        "a\u00a0b@example.com",
        "a\u202eb@example.com",
        "a\ud800@example.com",
        "(c)a@example.com",
        "a@xn--.example",
        "a@\u0000.example",
        "a\u0085@example.com"
      })
  void aBadAddressIsRefused(String raw) {
    assertThatThrownBy(() -> check.email(raw)).isInstanceOf(NotAcceptable.class);
  }

  @Test
  void anAddressHasItsLengths() throws NotAcceptable {
    String longest = "a".repeat(64) + "@" + ("b".repeat(61) + ".").repeat(3) + "abc";
    assertThat(check.email(longest)).isEqualTo(longest);
    assertThat(longest).hasSize(254);

    assertThatThrownBy(() -> check.email(longest + "d")).hasMessage("is longer than 254 octets");
    assertThatThrownBy(() -> check.email("a".repeat(65) + "@example.com"))
        .hasMessage("has more than 64 octets before the @");
    assertThatThrownBy(() -> check.email("é".repeat(33) + "@example.com"))
        .hasMessage("has more than 64 octets before the @");
    assertThatThrownBy(() -> check.email("a@" + "b".repeat(64) + ".example"))
        .isInstanceOf(NotAcceptable.class);
    assertThatThrownBy(() -> check.email("a".repeat(1_000_000) + "@example.com"))
        .hasMessage("is longer than 254 octets");
  }

  @Test
  void whateverComesNothingThatCouldEndALineOrAnAddressIsAccepted() {
    String alphabet = "ab.@@\"\\ \r\n\t<>,;:()[]\u00e9\u0085\u2028\u200b\0-1";
    qt().withExamples(20_000)
        .forAll(strings().allPossible().ofLengthBetween(0, 5), integers().all())
        .checkAssert(
            (any, seed) -> {
              Random random = new Random(seed);
              StringBuilder raw = new StringBuilder(any);
              int more = random.nextInt(12);
              for (int i = 0; i < more; i++) {
                raw.append(alphabet.charAt(random.nextInt(alphabet.length())));
              }
              if (random.nextBoolean()) raw.append("@example.com");
              try {
                String normal = check.email(raw.toString());
                assertThat(normal).doesNotContainPattern("[\\p{Cntrl}\u0085\u2028\u2029]");
                assertThat(normal)
                    .matches("(?:[^\"\\s<>,;:()\\[\\]]+|\".*\")@[a-z0-9.-]+\\.[a-z0-9-]+");
                assertThat(check.email(normal)).isEqualTo(normal);
              } catch (NotAcceptable e) {
                assertThat(e.reason()).doesNotContainPattern("\\p{Cntrl}");
              }
            });
  }

  @ParameterizedTest
  @CsvSource({
    "+4915112345678, +4915112345678",
    "+49 (151) 1234-5678, +4915112345678",
    "0049 151 12345678, +4915112345678",
    "0151/12345678, +4915112345678",
    "' +1 650-253-0000 ', +16502530000",
    "tel:+1-650-253-0000, +16502530000"
  })
  void aPhoneBecomesE164(String raw, String normal) throws NotAcceptable {
    assertThat(new ProfileCheck(Optional.of("DE")).phone(raw)).isEqualTo(normal);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "12",
        "0151 12345678",
        "+",
        "+0123456789",
        "+1234567890123456",
        "+49 151 1",
        "+1 650-253-0000 ext. 5",
        "+1650253000O0000000000"
      })
  void aPhoneThatNobodyCanCallIsRefused(String raw) {
    assertThatThrownBy(() -> check.phone(raw)).isInstanceOf(NotAcceptable.class);
  }

  @Test
  void aRegionWithoutPhonesIsRefusedAtOnce() {
    assertThatThrownBy(() -> new ProfileCheck(Optional.of("XX")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "en, en",
    "EN-us, en-US",
    "pt_br, pt-BR",
    "zh-hant-tw, zh-Hant-TW",
    "sr-Latn, sr-Latn"
  })
  void aLocaleIsSpelledAsBcp47SaysIt(String raw, String normal) throws NotAcceptable {
    assertThat(check.locale(raw)).isEqualTo(normal);
    assertThat(check.locale(raw)).isEqualTo(normal);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "-", "e", "english-language-of-old", "en--US", "en US", "und", "x-private"})
  void whatIsNoLanguageIsRefused(String raw) {
    assertThatThrownBy(() -> check.locale(raw)).isInstanceOf(NotAcceptable.class);
  }

  @Test
  void aZoneIsOneOfTheDatabases() throws NotAcceptable {
    assertThat(check.timeZone("Europe/Berlin")).isEqualTo("Europe/Berlin");
    assertThat(check.timeZone("UTC")).isEqualTo("UTC");
    assertThatThrownBy(() -> check.timeZone("+02:00")).isInstanceOf(NotAcceptable.class);
    assertThatThrownBy(() -> check.timeZone("europe/berlin"))
        .hasMessageEndingWith("did you mean 'Europe/Berlin'?");
  }

  @Test
  void everyProblemOfAProfileIsNamedWithItsPlace() {
    Map<String, String> attributes = new HashMap<>();
    attributes.put("first name", "x");
    attributes.put("a/b~c", "x");
    attributes.put("email", "x");
    attributes.put("this", "x");
    attributes.put("note", "x".repeat(4_097));
    attributes.put("nul", "\0");
    attributes.put("half", "\udc00");
    attributes.put("fine", "😀\n");
    Profile profile = profile("nobody", "12", "Mars", "?", attributes);

    assertThat(check.problems(profile))
        .extracting(Problem::pointer)
        .containsExactly(
            "/email",
            "/phone",
            "/timeZone",
            "/locale",
            "/attributes/a~1b~0c",
            "/attributes/email",
            "/attributes/first name",
            "/attributes/half",
            "/attributes/note",
            "/attributes/nul",
            "/attributes/this");
    assertThatThrownBy(() -> check.normalise(profile))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> assertThat(e.refusal().problems()).isEqualTo(check.problems(profile)));
  }

  @Test
  void aProfileHasAtMostAHundredAttributes() {
    Map<String, String> attributes = new HashMap<>();
    for (int i = 0; i < 100; i++) attributes.put("a" + i, "x");
    assertThat(check.problems(profile("a@example.com", "+15551234567", "UTC", "en", attributes)))
        .isEmpty();
    attributes.put("a100", "x");
    assertThat(check.problems(profile("a@example.com", "+15551234567", "UTC", "en", attributes)))
        .containsExactly(new Problem("/attributes", "101 attributes; at most 100 are allowed"));
  }

  @Test
  void aProfileComesOutInItsNormalForm() {
    Profile normal =
        check.normalise(
            profile("a@EXAMPLE.com", "+1 650 253 0000", "UTC", "en_us", Map.of("a", "b")));

    assertThat(normal)
        .isEqualTo(profile("a@example.com", "+16502530000", "UTC", "en-US", Map.of("a", "b")));
    assertThat(check.normalise(Profile.EMPTY)).isEqualTo(Profile.EMPTY);
  }

  private static Profile profile(
      String email, String phone, String zone, String locale, Map<String, String> attributes) {
    return new Profile(
        Optional.of(email),
        Optional.of(phone),
        Optional.of(zone),
        Optional.of(locale),
        attributes,
        Instant.EPOCH);
  }
}
