package org.parley.core.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.strings;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamesTest {
  private static final List<String> CANDIDATES = List.of("firstName", "lastName", "city", "zip");

  @ParameterizedTest
  @CsvSource({
    "firstname, firstName",
    "fristName, firstName",
    "first_name, firstName",
    "lastNam, lastName",
    "zpi, zip",
    "citty, city"
  })
  void aNearMissIsRecognised(String typed, String meant) {
    assertThat(Names.closest(typed, CANDIDATES)).contains(meant);
  }

  @ParameterizedTest
  @CsvSource({"country", "x", "abcdefghijkl"})
  void somethingElseIsNotGuessed(String typed) {
    assertThat(Names.closest(typed, CANDIDATES)).isEmpty();
  }

  @Test
  void aNameIsWhatThePatternSays() {
    qt().withExamples(5_000)
        .forAll(strings().betweenCodePoints(32, 130).ofLengthBetween(0, 70))
        .check(
            text ->
                Names.isName(text)
                    == (text.matches("[A-Za-z][A-Za-z0-9_]{0,63}") && !text.equals("this")));
  }
}
