package org.parley.agents.email;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.strings;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MailAddressTest {
  @ParameterizedTest
  @CsvSource({
    "ann@example.com, ann@example.com",
    "ann.o'neill+tag@sub.example.com, ann.o'neill+tag@sub.example.com",
    "ann@bücher.example, ann@xn--bcher-kva.example",
    "jürgen@example.com, jürgen@example.com",
    "ann@[127.0.0.1], ann@[127.0.0.1]",
  })
  void anAddressIsReadAndItsDomainMadeAscii(String text, String wire) throws Exception {
    assertThat(MailAddress.parse(text)).hasToString(wire);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ann",
        "@example.com",
        "ann@",
        "ann@-a.example",
        "ann@exa mple.com",
        "a b@example.com",
        ".ann@example.com",
        "ann.@example.com",
        "a..n@example.com",
        "ann@example..com",
        "ann@example.com\r\nDATA",
        "ann\u0000@example.com",
        "<ann@example.com>",
        "ann>@example.com",
        "ann\u2028@example.com",
        "ann\u0085@example.com",
        "\"ann@example.com",
        "\"a\"b\"@example.com"
      })
  void whatIsNoAddressIsRefused(String text) {
    assertThatThrownBy(() -> MailAddress.parse(text))
        .isInstanceOf(Unsendable.class)
        .extracting("reason")
        .isEqualTo("badAddress");
  }

  @Test
  void aDomainThatOldAndNewRulesReadDifferentlyIsNotGuessed() {
    assertThatThrownBy(() -> MailAddress.parse("ann@straße.example"))
        .isInstanceOf(Unsendable.class)
        .extracting("reason")
        .isEqualTo("addressNotSupported");
  }

  @Test
  void noAddressThatIsTakenCanEndItsLineOrItsBrackets() {
    qt().withExamples(5000)
        .forAll(strings().allPossible().ofLengthBetween(0, 40))
        .checkAssert(
            text -> {
              for (String candidate : new String[] {text, text + "@example.com", "a@" + text}) {
                try {
                  String wire = MailAddress.parse(candidate).toString();
                  assertThat(wire.chars()).noneMatch(Character::isISOControl);
                  if (!wire.startsWith("\"")) assertThat(wire).doesNotContain("<", ">", " ");
                } catch (Unsendable e) {
                  assertThat(e.reason()).isIn("badAddress", "addressNotSupported");
                }
              }
            });
  }
}
