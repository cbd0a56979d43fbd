package org.parley.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SeenIdsTest {
  @Test
  void everyIdIsNewOnceAndKnownAfterwards() {
    SeenIds seen = new SeenIds(1_000_000);
    for (int i = 0; i < 100_000; i++) assertThat(seen.add("customer-" + i)).isTrue();
    for (int i = 0; i < 100_000; i++) assertThat(seen.add("customer-" + i)).isFalse();
    assertThat(seen.overflowed()).isFalse();
  }

  @Test
  void whenItIsFullItSaysSoAndStillKnowsTheFirst() {
    SeenIds seen = new SeenIds(1_000);
    for (int i = 0; i < 1_000; i++) seen.add("customer-" + i);
    assertThat(seen.overflowed()).isFalse();
    assertThat(seen.add("one more")).isTrue();
    assertThat(seen.overflowed()).isTrue();
    assertThat(seen.add("customer-999")).isFalse();
  }
}
