package org.parley.agents.phone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WavFileTest {
  @Test
  void whatHasTheRightRateIsTakenAsItIs() {
    short[] samples = {1, -2, 300, -32_768};

    assertThat(WavFile.samples("a.wav", Phones.wav(samples, 8000, 1, 16))).isEqualTo(samples);
  }

  @ParameterizedTest
  @CsvSource({"16000", "22050", "44100", "48000"})
  void aTonePlaysAsLongAndAsHighAtAnyRate(int rate) {
    short[] samples = new short[rate];
    for (int i = 0; i < rate; i++) {
      samples[i] = (short) (10_000 * Math.sin(2 * Math.PI * 500 * i / rate));
    }

    short[] heard = WavFile.samples("a.wav", Phones.wav(samples, rate, 1, 16));

    int crossings = 0;
    for (int i = 1; i < heard.length; i++) {
      if (heard[i - 1] < 0 && heard[i] >= 0) crossings++;
    }
    assertThat(heard).hasSize(8000);
    assertThat(crossings).isBetween(498, 501);
  }

  @Test
  void aFileThatWasWrittenToAPipeIsReadToItsEnd() {
    byte[] file = Phones.wav(new short[100], 8000, 1, 16);
    Arrays.fill(file, 40, 44, (byte) 0xff);

    assertThat(WavFile.samples("a.wav", file)).hasSize(100);
  }

  @ParameterizedTest
  @CsvSource({"8000, 2, 16", "8000, 1, 8", "4000, 1, 16", "96000, 1, 16"})
  void theWrongKindIsNamed(int rate, int channels, int bits) {
    byte[] file = Phones.wav(new short[100], rate, channels, bits);

    assertThatThrownBy(() -> WavFile.samples("a.wav", file))
        .isInstanceOf(PromptTrouble.class)
        .hasMessageStartingWith("a.wav has coding 1, " + channels + " channels, " + bits + " bits")
        .hasMessageContaining("allowed is");
  }

  @Test
  void halfAFileIsRefusedOrShort() {
    byte[] file = Phones.wav(new short[100], 8000, 1, 16);
    for (int length = 0; length < file.length; length++) {
      byte[] half = Arrays.copyOf(file, length);
      try {
        assertThat(WavFile.samples("a.wav", half)).hasSizeLessThanOrEqualTo(100);
      } catch (PromptTrouble e) {
        assertThat(e.sentence()).startsWith("a.wav ");
      }
    }
  }
}
