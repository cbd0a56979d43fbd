package org.parley.core.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.parley.core.api.Channel;
import org.parley.core.api.Template;
import org.parley.core.spi.ReplyClassifier.Keyword;

class ReplySettingsTest {
  private static ReplySettings settings(String overrides) {
    Config config = ConfigFactory.parseString(overrides).withFallback(ConfigFactory.load());
    return ReplySettings.from(config.resolve());
  }

  private static String said(ReplySettings settings, String locale) {
    Optional<Template> template = settings.answer(Keyword.STOP, Channel.SMS, Optional.of(locale));
    return template.flatMap(Template::text).orElseThrow();
  }

  @Test
  void aTextIsChosenByTheWholeTagThenByItsLanguageThenByDefault() {
    ReplySettings settings =
        settings(
            "parley.replies.stop-text { de = \"Abgemeldet\", de-CH = \"Abgmeldt\", default = Out }");
    assertThat(said(settings, "de-CH")).isEqualTo("Abgmeldt");
    assertThat(said(settings, "de-AT")).isEqualTo("Abgemeldet");
    assertThat(said(settings, "fr")).isEqualTo("Out");
  }

  @Test
  void byEmailNothingIsSaidUnlessItIsSwitchedOn() {
    assertThat(settings("").answer(Keyword.HELP, Channel.EMAIL, Optional.empty())).isEmpty();
    Template mail =
        settings("parley.replies.email = on")
            .answer(Keyword.HELP, Channel.EMAIL, Optional.empty())
            .orElseThrow();
    assertThat(mail.subject()).isPresent();
  }

  @Test
  void aTextThatIsNoTemplateStopsTheStart() {
    assertThatThrownBy(() -> settings("parley.replies.help-text.default = \"Hello {{name\""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("parley.replies.help-text: ");
  }
}
