package org.parley.persistence.readside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import org.junit.jupiter.api.Test;

class ReadSideSettingsTest {
  private static Config with(String setting) {
    return ConfigFactory.parseString("parley.read-side." + setting)
        .withFallback(ConfigFactory.load());
  }

  @Test
  void theDefaultsAreAllowed() {
    ReadSideSettings settings = ReadSideSettings.of(ConfigFactory.load());
    assertThat(settings.projections()).isEqualTo(4);
    assertThat(settings.groupSize()).isEqualTo(500);
  }

  @Test
  void aWrongSettingIsNamedWithWhatIsAllowed() {
    assertThatThrownBy(() -> ReadSideSettings.of(with("projections = 3")))
        .hasMessage("parley.read-side.projections = 3: allowed is a power of two, 1 to 64");
    assertThatThrownBy(() -> ReadSideSettings.of(with("page-size = 0")))
        .hasMessage("parley.read-side.page-size = 0: allowed is 1 to 100000");
    assertThatThrownBy(() -> ReadSideSettings.of(with("max-backoff = 200ms")))
        .hasMessageContaining("min-backoff or longer");
  }

  @Test
  void theRangesCoverAllSlicesOnce() {
    assertThat(SliceRange.of(0, 4)).isEqualTo(new SliceRange(0, 0, 255));
    assertThat(SliceRange.of(3, 4).key()).isEqualTo("768-1023");
    assertThat(Position.parse(new Position(Long.MAX_VALUE, 7).toString()))
        .isEqualTo(new Position(Long.MAX_VALUE, 7));
  }
}
