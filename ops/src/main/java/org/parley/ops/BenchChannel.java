package org.parley.ops;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/** A channel as the measurements use it. */
enum BenchChannel {
  EMAIL("smtp"),
  SMS("smpp"),
  PHONE("sip");

  private final String protocol;

  BenchChannel(String protocol) {
    this.protocol = protocol;
  }

  /** The name in the API. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  String protocol() {
    return protocol;
  }

  /** From the grant until the carrier has accepted it, or until a call is set up. */
  Objective objective() {
    return switch (this) {
      case EMAIL -> new Objective(500, 1_500, 3_000);
      case SMS -> new Objective(300, 1_000, 2_000);
      case PHONE -> new Objective(200, 800, 2_000);
    };
  }

  /**
   * What is aimed at, in milliseconds.
   *
   * @param p50 for half of the messages
   * @param p95 for 95 %
   * @param p99 for 99 %
   */
  record Objective(int p50, int p95, int p99) {}

  /** A campaign of one step in this channel, with some values of the customer in it. */
  ObjectNode definition() {
    ObjectNode definition = Json.object().put("name", "bench").put("category", "marketing");
    ObjectNode template =
        definition
            .putArray("steps")
            .addObject()
            .put("id", "hello")
            .put("channel", label())
            .putObject("template");
    switch (this) {
      case EMAIL ->
          template
              .put("subject", "{{firstName}}, it is spring in {{city}}")
              .put(
                  "text",
                  "Dear {{firstName}} {{lastName}},\n\n"
                      + "your plan {{plan}} has something new for you.\n");
      case SMS -> template.put("text", "{{firstName}}, spring has come. shop.example");
      case PHONE -> template.put("audio", "welcome.wav");
    }
    return definition;
  }
}
