package org.parley.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a node that has come has its share. */
class GrowingClusterTest {

  @ParameterizedTest
  @CsvSource({
    "128, 128, true",
    "144, 112, true",
    "152, 104, false",
    "256, 0, false",
  })
  void nodesAreEvenWhenNoneHasMuchMoreThanAnother(int one, int other, boolean even)
      throws JsonProcessingException {
    String members = "[{\"shards\":%d},{\"shards\":%d}]".formatted(one, other);
    assertThat(GrowingCluster.isEven(Json.parse(members), 2)).isEqualTo(even);
  }

  @Test
  void theyAreNotWhileOneIsMissingOrDoesNotAnswer() throws JsonProcessingException {
    assertThat(GrowingCluster.isEven(Json.parse("[{\"shards\":256}]"), 2)).isFalse();
    assertThat(GrowingCluster.isEven(Json.parse("[{\"shards\":256},{}]"), 2)).isFalse();
  }
}
