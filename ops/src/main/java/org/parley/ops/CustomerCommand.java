package org.parley.ops;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code parley customer …}: what is known of a customer, and their wish not to be contacted. */
@Command(
    name = "customer",
    description = "Look at a customer, or opt one out.",
    mixinStandardHelpOptions = true)
final class CustomerCommand {
  private final Shell shell;

  CustomerCommand(Shell shell) {
    this.shell = shell;
  }

  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Show a customer's profile, consent and latest touches.")
  int show(
      @Mixin Connection connection,
      @Parameters(paramLabel = "ID", description = "The customer's id.") String id) {
    JsonNode context =
        connection.open(shell).get("/v1/customers/" + Paths.segment(id) + "/context");
    if (connection.json) {
      shell.print(Json.pretty(context));
      return 0;
    }
    JsonNode known = context.path("context");
    JsonNode customer = known.path("customer");
    JsonNode profile = customer.path("profile");
    boolean met = customer.path("version").asLong() > 0;
    Table table = new Table().row("customer", id, met ? "" : "nothing is known yet");
    for (String field : List.of("email", "phone", "timeZone", "locale")) {
      if (profile.path(field).isTextual()) table.row(field, profile.path(field).asText());
    }
    profile
        .path("attributes")
        .properties()
        .forEach(e -> table.row("  " + e.getKey(), e.getValue().asText()));
    customer
        .path("consent")
        .properties()
        .forEach(e -> table.row("consent " + e.getKey(), e.getValue().asText()));
    table.lines().forEach(shell::print);
    Table touches = new Table();
    for (JsonNode touch : known.path("touches")) {
      JsonNode key = touch.path("key");
      touches.row(
          key.path("campaignId").asText() + "/" + key.path("stepId").asText(),
          touch.path("state").asText(),
          touch.path("at").asText(),
          touch.path("reason").asText(""));
    }
    touches.lines().forEach(shell::print);
    return 0;
  }

  @Command(
      name = "opt-out",
      mixinStandardHelpOptions = true,
      description = "Opt a customer out: of marketing by email, of everything by sms and phone.")
  int optOut(
      @Mixin Connection connection,
      @Parameters(paramLabel = "ID", description = "The customer's id.") String id,
      @Option(
              names = "--channel",
              paramLabel = "CHANNEL",
              split = ",",
              defaultValue = "email,sms,phone",
              description = "On which channels. Default: ${DEFAULT-VALUE}.")
          List<String> channels) {
    JsonNode customer = Consent.optOut(connection.open(shell), id, channels);
    if (connection.json) shell.print(Json.pretty(customer));
    else shell.print("customer  " + id + "  opted out of " + String.join(", ", channels));
    return 0;
  }
}
