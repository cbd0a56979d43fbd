package org.parley.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.longs;
import static org.quicktheories.generators.SourceDSL.strings;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.parley.core.api.RefusedException;

/** A cursor is what was given out, or it is refused; nothing else is thrown. */
class HostileCursorTest {

  @Test
  void anyTextIsRefused() {
    qt().withExamples(5_000)
        .forAll(strings().allPossible().ofLengthBetween(0, 200))
        .check(HostileCursorTest::isRefused);
  }

  @Test
  void anyJsonInDisguiseIsRefused() {
    qt().withExamples(5_000)
        .forAll(strings().allPossible().ofLengthBetween(0, 100))
        .check(text -> isRefused(disguised("[\"rows\"," + text + "]")));
    assertThat(isRefused(disguised("[".repeat(1_200)))).isTrue();
    assertThat(isRefused(disguised("[\"other\",\"1\",\"2\"]"))).isTrue();
    assertThat(isRefused(disguised("[\"rows\",null,\"2\"]"))).isTrue();
  }

  @Test
  void aPlaceBeyondAllTimesIsRefused() {
    Cursor far = Cursor.read("rows", 2, Cursor.write("rows", Long.MAX_VALUE, "+999999999-12-31"));
    Cursor near = Cursor.read("rows", 2, Cursor.write("rows", 1_500_000, "2026-12-01"));

    assertThatThrownBy(() -> far.time(0)).isInstanceOf(RefusedException.class);
    assertThatThrownBy(() -> far.date(1)).isInstanceOf(RefusedException.class);
    assertThat(near.time(0)).isEqualTo(Instant.parse("1970-01-01T00:00:01.5Z"));
    assertThat(near.date(1)).isEqualTo(LocalDate.of(2026, 12, 1));
  }

  @Test
  void aCursorWithAChangedCharacterIsRefusedOrStillOfItsKind() {
    qt().withExamples(5_000)
        .forAll(longs().all())
        .check(
            seed -> {
              Random random = new Random(seed);
              StringBuilder cursor = new StringBuilder(Cursor.write("rows", seed, "ada"));
              cursor.setCharAt(random.nextInt(cursor.length()), (char) random.nextInt(128));
              try {
                Cursor read = Cursor.read("rows", 2, cursor.toString());
                return read.values().size() == 2;
              } catch (RefusedException e) {
                return true;
              }
            });
  }

  private static boolean isRefused(String cursor) {
    try {
      Cursor read = Cursor.read("rows", 2, cursor);
      return read.values().size() == 2
          && cursor.equals(Cursor.write("rows", read.values().toArray()));
    } catch (RefusedException e) {
      return true;
    }
  }

  private static String disguised(String json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }
}
