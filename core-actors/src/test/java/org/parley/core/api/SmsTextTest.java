package org.parley.core.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.strings;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SmsTextTest {
  @ParameterizedTest(name = "{1} times {0} is {3} in {2}")
  @CsvSource({
    "a, 0, GSM, 1",
    "a, 160, GSM, 1",
    "a, 161, GSM, 2",
    "a, 306, GSM, 2",
    "a, 307, GSM, 3",
    "€, 80, GSM, 1",
    "€, 81, GSM, 2",
    "€, 152, GSM, 2",
    "€, 153, GSM, 3",
    "ж, 70, UCS2, 1",
    "ж, 71, UCS2, 2",
    "ж, 134, UCS2, 2",
    "ж, 135, UCS2, 3",
    "😀, 35, UCS2, 1",
    "😀, 36, UCS2, 2",
    "😀, 66, UCS2, 2",
    "😀, 67, UCS2, 3",
  })
  void segmentsAreCountedAsTheNetworkBillsThem(
      String character, int times, SmsText.Encoding encoding, int segments) {
    SmsText text = SmsText.of(character.repeat(times));

    assertThat(text.encoding()).isEqualTo(encoding);
    assertThat(text.segments()).hasSize(segments);
  }

  @Test
  void anEscapedCharacterIsNotCutInTwo() {
    SmsText text = SmsText.of("a".repeat(152) + "€" + "b".repeat(20));

    assertThat(text.segments()).containsExactly("a".repeat(152), "€" + "b".repeat(20));
    assertThat(text.octets(1)[0]).isEqualTo((byte) 0x1b);
  }

  @Test
  void octetsAreSeptetsOrUtf16() {
    assertThat(SmsText.of("@£{é").octets(0)).containsExactly(0, 1, 0x1b, 0x28, 5);
    assertThat(SmsText.of("ж").octets(0)).containsExactly(0x04, 0x36);
  }

  @Test
  void whatIsCutIsTheWholeTextAndFits() {
    qt().forAll(strings().basicMultilingualPlaneAlphabet().ofLengthBetween(0, 400))
        .checkAssert(
            text -> {
              SmsText sms = SmsText.of(text);
              assertThat(String.join("", sms.segments())).isEqualTo(text);
              for (int i = 0; i < sms.segments().size(); i++) {
                assertThat(sms.octets(i).length)
                    .isLessThanOrEqualTo(sms.encoding() == SmsText.Encoding.GSM ? 160 : 140);
              }
            });
  }

  @Test
  void everyCharacterOfTheAlphabetComesBack() {
    StringBuilder all = new StringBuilder();
    for (char c = 0; c <= '€'; c++) if (GsmAlphabet.septets(c) > 0) all.append(c);

    assertThat(all).hasSize(127 + 10);
    assertThat(GsmAlphabet.decode(GsmAlphabet.encode(all.toString()))).isEqualTo(all.toString());
  }

  @Test
  void septetsThatMeanNothingAreSpaces() {
    assertThat(GsmAlphabet.decode(new byte[] {0x41, 0x1b})).isEqualTo("A ");
    assertThat(GsmAlphabet.decode(new byte[] {0x1b, 0x1b})).isEqualTo(" ");
    assertThat(GsmAlphabet.decode(new byte[] {0x1b, 0x41})).isEqualTo("A");
  }
}
