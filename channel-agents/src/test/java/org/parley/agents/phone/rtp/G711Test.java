package org.parley.agents.phone.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class G711Test {
  /** Values of the tables of ITU-T G.711. */
  @Test
  void knownSamplesHaveKnownCodes() {
    assertThat(G711.mu(new short[] {0, -1, 32_767, -32_768, 1000, -1000}))
        .containsExactly(0xff, 0x7f, 0x80, 0x00, 0xce, 0x4e);
    assertThat(G711.a(new short[] {0, -1, 32_767, -32_768, 1000, -1000}))
        .containsExactly(0xd5, 0x55, 0xaa, 0x2a, 0xfa, 0x7a);
  }

  @Test
  void louderNeverHasAQuieterCode() {
    for (int sample = 1; sample <= Short.MAX_VALUE; sample++) {
      byte[] mu = G711.mu(new short[] {(short) (sample - 1), (short) sample});
      byte[] a = G711.a(new short[] {(short) (sample - 1), (short) sample});
      assertThat(~mu[1] & 0x7f).isGreaterThanOrEqualTo(~mu[0] & 0x7f);
      assertThat((a[1] ^ 0x55) & 0x7f).isGreaterThanOrEqualTo((a[0] ^ 0x55) & 0x7f);
    }
  }

  @Test
  void aKeyIsHeardOnceHoweverOftenItsPacketsCome() {
    List<Character> heard = new ArrayList<>();
    Keys keys = new Keys(key -> heard.add((char) key));
    for (int i = 0; i < 8; i++) keys.event(1, 160, 1);
    keys.event(1, 1600, 1);
    keys.event(1, 160, 1); // late
    keys.event(1, 3200, 10);
    keys.event(1, 4800, 200); // no key
    keys.event(2, 5, 11); // another source

    assertThat(heard).containsExactly('1', '1', '*', '#');
  }
}
