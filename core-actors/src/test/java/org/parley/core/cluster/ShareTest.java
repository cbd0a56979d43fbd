package org.parley.core.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ShareTest {
  @Test
  void aNodeHasItsShareOnceNoMoreShardsMoveToIt() {
    assertThat(new Share(85, 256, 3).isFair()).isTrue();
    assertThat(new Share(84, 256, 3).isFair()).isFalse();
    assertThat(new Share(0, 2, 2).isFair()).isFalse();
  }

  @Test
  void aNodeOfAClusterWithoutShardsHasItsShare() {
    assertThat(new Share(0, 0, 3).isFair()).isTrue();
  }
}
