package org.parley.persistence.journal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JournalSlicesTest {
  @Test
  void theSliceOfAnEntityNeverChanges() {
    assertThat(JournalSlices.of("conversation|main.default.c-1")).isEqualTo(652);
    assertThat(JournalSlices.of("campaign|main.default.spring")).isEqualTo(327);
    assertThat(JournalSlices.of("")).isZero();
  }

  @Test
  void numberedEntitiesSpreadOverAllSlices() {
    int[] counts = new int[JournalSlices.COUNT];
    int entities = 100 * JournalSlices.COUNT;
    for (int i = 0; i < entities; i++) {
      counts[JournalSlices.of("conversation|main.default.customer-" + i)]++;
    }
    for (int count : counts) assertThat(count).isBetween(40, 200);
  }
}
