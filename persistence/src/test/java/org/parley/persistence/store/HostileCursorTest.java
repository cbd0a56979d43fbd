package org.parley.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.longs;
import static org.quicktheories.generators.SourceDSL.strings;

import java.nio.charset.StandardCharsets;
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
