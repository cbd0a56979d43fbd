package org.parley.core.template;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.parley.core.api.Profile;
import org.parley.core.api.Template;

/** Measures what it costs to render a message, on one thread. */
final class RenderSpeed {
  private static final int MESSAGES = 1_000_000;
  private static final int ROUNDS = 5;

  private RenderSpeed() {}

  public static void main(String[] args) {
    String text =
        "Dear {{firstName}},\n\nit is spring in {{city}}. "
            + "Come and see what is new. ".repeat(9)
            + "\n\nNo more of these: {{unsubscribeUrl}}\n";
    String html = "<p>" + text.replace("\n", "<br>") + "</p>";
    measure("text", Template.text("Spring", text), false);
    measure("text, own copy each", Template.text("Spring", text), true);
    measure(
        "subject, text and html",
        new Template(
            Optional.of("{{firstName}}, it is spring"), Optional.of(text), Optional.of(html)),
        false);
    measure(
        "html of 1 MiB without variables, own copy each",
        new Template(Optional.of("Spring"), Optional.empty(), Optional.of("x".repeat(1 << 20))),
        true);
  }

  private static void measure(String name, Template template, boolean copy) {
    Renderer renderer = new Renderer();
    Profile profile =
        new Profile(
            Optional.of("ada@example.com"),
            Optional.empty(),
            Optional.of("Europe/Berlin"),
            Optional.of("de"),
            Map.of("firstName", "Ada & Søn", "city", "Århus", "plan", "gold"),
            Instant.EPOCH);
    Map<String, String> extra =
        Map.of("customerId", "c1", "unsubscribeUrl", "https://example.com/v1/unsubscribe/abc");
    boolean large = template.html().map(h -> h.length() > 100_000).orElse(false);
    int messages = large ? MESSAGES / 100 : MESSAGES;
    for (int round = 1; round <= ROUNDS; round++) {
      long start = System.nanoTime();
      long chars = 0;
      for (int i = 0; i < messages; i++) {
        Template own = copy ? copy(template) : template;
        chars += renderer.render(own, profile, extra).text().map(String::length).orElse(0);
      }
      double micros = (System.nanoTime() - start) / 1e3 / messages;
      System.out.printf(
          "%-48s round %d: %.2f µs/message (%d characters)%n",
          name, round, micros, chars / messages);
    }
  }

  private static Template copy(Template template) {
    return new Template(
        template.subject().map(RenderSpeed::copy),
        template.text().map(RenderSpeed::copy),
        template.html().map(RenderSpeed::copy));
  }

  private static String copy(String text) {
    return new String(text.toCharArray());
  }
}
