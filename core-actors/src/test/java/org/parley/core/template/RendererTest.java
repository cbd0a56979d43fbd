package org.parley.core.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.strings;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.parley.core.api.Profile;
import org.parley.core.api.RefusedException;
import org.parley.core.api.RenderedMessage;
import org.parley.core.api.Template;

class RendererTest {
  private final Renderer renderer = new Renderer();

  @Test
  void theProfilesValuesAndTheCallersAreFilledIn() {
    Profile profile =
        new Profile(
            Optional.of("ada@example.com"),
            Optional.of("+4915112345678"),
            Optional.of("Europe/Berlin"),
            Optional.of("de"),
            Map.of("firstName", "Ada"),
            Instant.EPOCH);
    RenderedMessage message =
        renderer.render(
            Template.text(
                "Hello {{firstName}}",
                "{{email}} {{ phone }} {{timeZone}} {{locale}} {{customerId}} {{unsubscribeUrl}}"),
            profile,
            Map.of("customerId", "c1", "unsubscribeUrl", "https://example.com/u"));

    assertThat(message.subject()).contains("Hello Ada");
    assertThat(message.text())
        .contains("ada@example.com +4915112345678 Europe/Berlin de c1 https://example.com/u");
    assertThat(message.html()).isEmpty();
  }

  @Test
  void aMissingValueIsTheEmptyText() {
    assertThat(text("[{{email}}|{{nobodyHasThis}}]", Map.of())).isEqualTo("[|]");
  }

  @Test
  void aSectionIsShownWhenItsValueIsThere() {
    String source = "{{#plan}}You have {{plan}}.{{/plan}}{{^plan}}Choose a plan.{{/plan}}";

    assertThat(text(source, Map.of("plan", "gold"))).isEqualTo("You have gold.");
    assertThat(text(source, Map.of())).isEqualTo("Choose a plan.");
    assertThat(text(source, Map.of("plan", ""))).isEqualTo("Choose a plan.");
  }

  @Test
  void aSectionWithinASectionSeesTheSameValues() {
    assertThat(
            text("{{#a}}{{#b}}{{a}}{{b}}{{c}}{{/b}}{{/a}}", Map.of("a", "1", "b", "2", "c", "3")))
        .isEqualTo("123");
  }

  @Test
  void aSectionCallsNoMethodOfItsValue() {
    assertThat(
            text(
                "{{#city}}{{length}}{{getClass}}{{class}}{{toString}}{{hashCode}}{{bytes}}{{/city}}",
                Map.of("city", "Rome")))
        .isEmpty();
  }

  @Test
  void valuesAreEscapedInHtmlAndNowhereElse() {
    RenderedMessage message =
        renderer.render(
            new Template(
                Optional.of("{{v}}"),
                Optional.of("{{v}}"),
                Optional.of("<p title='{{v}}'>{{v}}</p>")),
            profile(Map.of("v", "<a href=\"x\">&'`</a>\0")),
            Map.of());

    assertThat(message.text()).contains("<a href=\"x\">&'`</a>\0");
    assertThat(message.subject()).contains("<a href=\"x\">&'`</a> ");
    String escaped = "&lt;a href&#x3D;&quot;x&quot;&gt;&amp;&#39;&#x60;&lt;/a&gt;&#xFFFD;";
    assertThat(message.html()).contains("<p title='" + escaped + "'>" + escaped + "</p>");
  }

  @Test
  void noValueBringsMarkupIntoHtml() {
    qt().withExamples(5_000)
        .forAll(strings().allPossible().ofLengthBetween(0, 60), integers().all())
        .checkAssert(
            (any, seed) -> {
              String value = mixed(any, new Random(seed));
              String html = html("<p title=\"{{v}}\">{{v}}</p>", Map.of("v", value));
              String inner = html.substring(html.indexOf('>') + 1, html.length() - "</p>".length());

              assertThat(html).isEqualTo("<p title=\"" + inner + "\">" + inner + "</p>");
              assertThat(inner).doesNotContainPattern("[<>\"'`=\0]");
              assertThat(unescaped(inner)).isEqualTo(value.replace('\0', '\uFFFD'));
            });
  }

  @Test
  void aSubjectIsOneLineWhateverTheValues() {
    qt().withExamples(5_000)
        .forAll(strings().allPossible().ofLengthBetween(0, 600), integers().all())
        .checkAssert(
            (any, seed) -> {
              String value = mixed(any, new Random(seed)) + "\r\nBcc: someone@example.com";
              String subject =
                  renderer
                      .render(
                          Template.text("Hi {{v}} {{v}}", "x"),
                          profile(Map.of("v", value)),
                          Map.of())
                      .subject()
                      .orElseThrow();

              assertThat(subject).hasSizeLessThanOrEqualTo(998);
              assertThat(subject.chars().filter(Character::isISOControl)).isEmpty();
              assertThat(subject).doesNotContain("\u2028", "\u2029");
            });
  }

  @Test
  void aSubjectIsNeverCutWithinACharacter() {
    String subject =
        renderer
            .render(Template.text("x" + "😀".repeat(600), "x"), profile(Map.of()), Map.of())
            .subject()
            .orElseThrow();

    assertThat(subject).hasSize(997).endsWith("😀");
  }

  @Test
  void valuesInATextAreNoTemplates() {
    assertThat(text("{{a}}", Map.of("a", "{{b}}", "b", "secret"))).isEqualTo("{{b}}");
  }

  @Test
  void aMessageThatGrowsTooLargeIsRefused() {
    Map<String, String> values = Map.of("v", "<".repeat(4_096));

    assertThatThrownBy(() -> text("{{v}}".repeat(65), values))
        .isInstanceOf(TemplateTooLarge.class)
        .hasMessage("the text became longer than 262144 characters");
    assertThatThrownBy(() -> html("{{v}}".repeat(65), values))
        .isInstanceOf(TemplateTooLarge.class)
        .hasMessage("the html became longer than 1048576 characters");
    assertThat(text("{{v}}".repeat(64), values)).hasSize(64 * 4_096);
  }

  @Test
  void templatesThatDifferInOneCharacterAreNotTakenForEachOther() {
    StringBuilder source = new StringBuilder("x".repeat(5_000));
    for (int i = 0; i < source.length(); i += 7) {
      source.setCharAt(i, 'y');
      assertThat(text(source.toString(), Map.of())).isEqualTo(source.toString());
    }
  }

  @Test
  void aTemplateIsCompiledAgainWhenTheCacheForgotIt() {
    Renderer small = new Renderer(10);
    for (int i = 0; i < 100; i++) {
      Template template = Template.text("s", "{{v}} " + i % 3);
      assertThat(small.render(template, profile(Map.of("v", "x")), Map.of()).text())
          .contains("x " + i % 3);
    }
  }

  @Test
  void theVariablesOfATemplateAreNamedInOrder() {
    Template template =
        new Template(
            Optional.of("{{b}}"),
            Optional.of("{{a}}{{#c}}{{b}}{{/c}}{{! no }}"),
            Optional.of("{{d}}"));

    assertThat(renderer.variables(template)).containsExactly("b", "a", "c", "d");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{{v}}}", "{{&v}}", "{{>v}}", "{{<v}}{{/v}}", "{{$v}}{{/v}}", "{{=<% %>=}}", "{{v", "{{}}",
        "{{ }}", "{{.}}", "{{this}}", "{{-first}}", "{{a.b}}", "{{a b}}", "{{#v}}", "{{/v}}",
        "{{#v}}{{/w}}", "{{^v}}", "{{#}}{{/}}", "{{ !x { }}", "{{a\nb}}", "{{a{{b}}}}", "{{=}}"
      })
  void whatIsNotAllowedIsNeverRendered(String source) {
    assertThatThrownBy(() -> text(source, Map.of("v", "x"))).isInstanceOf(RefusedException.class);
    assertThatThrownBy(() -> renderer.variables(Template.text("s", source)))
        .isInstanceOf(RefusedException.class);
  }

  @Test
  void sectionsNestToALimit() {
    assertThat(text("{{#v}}".repeat(32) + "x" + "{{/v}}".repeat(32), Map.of("v", "1")))
        .isEqualTo("x");
    assertThatThrownBy(
            () -> text("{{#v}}".repeat(33) + "x" + "{{/v}}".repeat(33), Map.of("v", "1")))
        .isInstanceOf(RefusedException.class);
  }

  @Test
  void anySourceIsRenderedOrRefused() {
    String alphabet = "{{{{}}}}#^/!=&><$ ab\n\r\"";
    qt().withExamples(20_000)
        .forAll(integers().all())
        .checkAssert(
            seed -> {
              Random random = new Random(seed);
              StringBuilder source = new StringBuilder();
              int length = random.nextInt(40);
              for (int i = 0; i < length; i++) {
                source.append(alphabet.charAt(random.nextInt(alphabet.length())));
              }
              Map<String, String> values = random.nextBoolean() ? Map.of() : Map.of("a", "b");
              boolean sound =
                  renderer
                      .checkSyntax(
                          new Template(
                              Optional.empty(), Optional.of("x" + source), Optional.empty()),
                          org.parley.core.api.Channel.SMS,
                          "")
                      .isEmpty();
              try {
                String text = text("x" + source, values);
                assertThat(sound).isTrue();
                assertThat(text).doesNotContain("{{");
              } catch (RefusedException e) {
                assertThat(sound).isFalse();
              }
            });
  }

  private String text(String source, Map<String, String> attributes) {
    return renderer
        .render(Template.text("s", source), profile(attributes), Map.of())
        .text()
        .orElseThrow();
  }

  private String html(String source, Map<String, String> attributes) {
    Template template = new Template(Optional.empty(), Optional.empty(), Optional.of(source));
    return renderer.render(template, profile(attributes), Map.of()).html().orElseThrow();
  }

  private static Profile profile(Map<String, String> attributes) {
    return new Profile(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        attributes,
        Instant.EPOCH);
  }

  /** Any text, with more of what is dangerous in it. */
  private static String mixed(String any, Random random) {
    String dangerous = "<>\"'`=&\0\r\n\u0085\u2028\u2029&lt;</p>{{v}}";
    StringBuilder text = new StringBuilder(any);
    for (int i = 0; i < 20; i++) {
      text.insert(
          random.nextInt(text.length() + 1), dangerous.charAt(random.nextInt(dangerous.length())));
    }
    return text.toString();
  }

  private static String unescaped(String html) {
    return html.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#x60;", "`")
        .replace("&#x3D;", "=")
        .replace("&#xFFFD;", "\uFFFD")
        .replace("&amp;", "&");
  }
}
