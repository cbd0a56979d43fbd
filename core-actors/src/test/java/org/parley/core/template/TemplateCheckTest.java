package org.parley.core.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.parley.core.api.Channel;
import org.parley.core.api.Refusal.Problem;
import org.parley.core.api.Template;

class TemplateCheckTest {
  private static final Set<String> KNOWN = Set.of("firstName", "plan", "city");
  private final Renderer renderer = new Renderer();

  @Test
  void aSoundTemplateHasNoProblems() {
    Template template =
        new Template(
            Optional.of("{{firstName}}, it is spring"),
            Optional.of("{{#plan}}{{plan}}{{/plan}}{{! a note }} {{unsubscribeUrl}}"),
            Optional.of("<p class=\"{{plan}}\">{{city}} <a href='{{unsubscribeUrl}}'>x</a></p>"));

    assertThat(check(template, Channel.EMAIL)).isEmpty();
  }

  @Test
  void anUnknownVariableIsNamedWithItsPlaceAndTheClosestKnownOne() {
    Template template = Template.text("Hi {{fristName}}", "Hello,\n  {{town}} {{unsubscribeurl}}");

    assertThat(check(template, Channel.EMAIL))
        .containsExactly(
            new Problem(
                "/steps/0/template/subject",
                "line 1, column 4: nobody in the audience has 'fristName'; did you mean 'firstName'?"),
            new Problem(
                "/steps/0/template/text", "line 2, column 3: nobody in the audience has 'town'"),
            new Problem(
                "/steps/0/template/text",
                "line 2, column 12: nobody in the audience has 'unsubscribeurl'; did you mean"
                    + " 'unsubscribeUrl'?"));
  }

  @Test
  void whatIsNoTextIsRefusedInEveryPart() {
    Template template =
        new Template(Optional.of("s\ud83d"), Optional.of("\ude00"), Optional.of("<p>\ud83d</p>"));
    String half = "contains half of a surrogate pair";

    assertThat(check(template, Channel.EMAIL))
        .containsExactly(
            new Problem("/steps/0/template/subject", half),
            new Problem("/steps/0/template/text", half),
            new Problem("/steps/0/template/html", half));
    assertThat(check(Template.text("\ud83d\ude00", "\ud83d\ude00"), Channel.EMAIL)).isEmpty();
  }

  @Test
  void anUnknownVariableIsToldOnce() {
    assertThat(check(Template.text("s", "{{x}}".repeat(1_000)), Channel.EMAIL)).hasSize(1);
  }

  @Test
  void withoutAnAudienceVariablesAreNotJudged() {
    assertThat(renderer.checkSyntax(Template.text("s", "{{x}}"), Channel.EMAIL, "")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{{firstName | line 2, column 2: a tag is opened with {{ and never closed",
        "{{#plan}} | line 2, column 2: the section {{#plan}} is never closed",
        "{{/plan}} | line 2, column 2: {{/plan}} closes a section that was never opened",
        "{{#plan}}{{/city}} | line 2, column 11: {{/city}} stands where {{/plan}} is expected",
        "{{{plan}}} | line 2, column 2: values are always escaped",
        "{{&plan}} | line 2, column 2: values are always escaped",
        "{{>plan}} | line 2, column 2: templates inside templates are not allowed",
        "{{=<% %>=}} | line 2, column 2: the braces cannot be changed",
        "{{first name}} | line 2, column 2: 'first name' is not a name",
        "{{this}} | line 2, column 2: 'this' is not a name",
      })
  void aFaultInTheSyntaxIsToldWithItsPlace(String source, String detail) {
    List<Problem> problems = check(Template.text("s", "Hello\n " + source), Channel.EMAIL);

    assertThat(problems).hasSize(1);
    assertThat(problems.get(0).pointer()).isEqualTo("/steps/0/template/text");
    assertThat(problems.get(0).detail()).startsWith(detail);
  }

  @Test
  void anEmailNeedsASubjectAndABody() {
    Template nothing = new Template(Optional.of(" "), Optional.of(""), Optional.empty());

    assertThat(check(nothing, Channel.EMAIL))
        .extracting(Problem::pointer)
        .containsExactly("/steps/0/template/subject", "/steps/0/template");
  }

  @Test
  void aTextMessageHasATextAndNothingElse() {
    Template template = new Template(Optional.of("s"), Optional.empty(), Optional.of("<p>x</p>"));

    for (Channel channel : List.of(Channel.SMS, Channel.PHONE)) {
      assertThat(check(template, channel))
          .extracting(Problem::pointer)
          .containsExactly(
              "/steps/0/template/text", "/steps/0/template/subject", "/steps/0/template/html");
    }
    Template sms = new Template(Optional.empty(), Optional.of("Hi"), Optional.empty());
    assertThat(check(sms, Channel.SMS)).isEmpty();
  }

  @Test
  void whatIsTooLargeIsRefused() {
    assertThat(check(Template.text("x".repeat(999), "t"), Channel.EMAIL))
        .extracting(Problem::pointer)
        .containsExactly("/steps/0/template/subject");
    assertThat(check(Template.text("s", "é".repeat(128 * 1024 + 1)), Channel.EMAIL))
        .containsExactly(new Problem("/steps/0/template/text", "longer than 256 KiB in UTF-8"));
    Template html =
        new Template(
            Optional.of("s"), Optional.empty(), Optional.of("😀".repeat(256 * 1024) + "x"));
    assertThat(check(html, Channel.EMAIL))
        .containsExactly(new Problem("/steps/0/template/html", "longer than 1 MiB in UTF-8"));
    assertThat(check(Template.text("x".repeat(998), "é".repeat(128 * 1024)), Channel.EMAIL))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "a\rb", "a\tb", "a\u2028b", "a\u0085b", "a\0b"})
  void aSubjectIsOneLine(String subject) {
    assertThat(check(Template.text(subject, "t"), Channel.EMAIL))
        .containsExactly(
            new Problem(
                "/steps/0/template/subject",
                "the subject must be one line without control characters"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<a href={{city}}>",
        "<a href= {{city}}>",
        "<a href=x{{city}}>",
        "<a {{city}}>",
        "<a {{city}}=\"x\">",
        "<{{city}}",
        "<b{{city}}>",
        "</b{{city}}>",
        "<img onerror=\"{{city}}\">",
        "<IMG ONERROR = '{{city}}'>",
        "<p style='color:{{city}}'>",
        "<script>var x = '{{city}}';</script>",
        "<STYLE>p { color: {{city}} }</STYLE>",
        "<script>if (a < b) '</p>' </script ><style>{{city}}</style>",
        "<p class=\"a\" title={{city}}>",
      })
  void aVariableWhereEscapingDoesNotHelpIsRefused(String html) {
    Template template =
        new Template(Optional.of("s"), Optional.empty(), Optional.of(html.replace("<{{", "<b{{")));

    assertThat(check(template, Channel.EMAIL))
        .extracting(Problem::pointer)
        .containsExactly("/steps/0/template/html");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{city}}",
        "a < {{city}} > b",
        "<p>{{city}}</p>",
        "<p title=\"a > {{city}}\" class='{{plan}}'>{{city}}</p>",
        "<td {{#plan}}class=\"x\"{{/plan}}>{{city}}</td>",
        "<!-- <script> -->{{city}}",
        "<script>var a = '<p>';</script>{{city}}",
        "<br/>{{city}}<img src=\"{{city}}\"/>",
        "<style>p{}</style><p style=\"color:red\">{{city}}",
        "<!DOCTYPE html><html>{{city}}</html>",
      })
  void aVariableBetweenTagsOrInQuotesIsFine(String html) {
    Template template = new Template(Optional.of("s"), Optional.empty(), Optional.of(html));

    assertThat(check(template, Channel.EMAIL)).isEmpty();
  }

  private List<Problem> check(Template template, Channel channel) {
    return renderer.check(template, channel, KNOWN, "/steps/0/template");
  }
}
