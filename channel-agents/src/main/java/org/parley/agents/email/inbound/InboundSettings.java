package org.parley.agents.email.inbound;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.parley.agents.settings.Checked;

/**
 * Which mail is taken, by which ways, and how much of it is looked at.
 *
 * @param domains in lower case
 * @param answerTimeout how long it may take to become durable
 * @param keptOctets how much of a mail is looked at
 * @param readers how many mails are taken apart at a time
 */
record InboundSettings(
    Set<String> domains,
    Duration answerTimeout,
    int keptOctets,
    int readers,
    Optional<SmtpDoorSettings> smtp,
    Optional<ImapSettings> imap) {

  static InboundSettings read(Checked config) {
    Optional<SmtpDoorSettings> smtp = SmtpDoorSettings.read(config.part("smtp"));
    Optional<ImapSettings> imap = ImapSettings.read(config.part("imap"));
    Set<String> domains = domains(config);
    if (domains.isEmpty() && (smtp.isPresent() || imap.isPresent())) {
      throw config.bad("domain", "an empty text", "the domain whose mail comes here");
    }
    return new InboundSettings(
        domains,
        config.time("answer-timeout", Duration.ofMillis(100), Duration.ofMinutes(5)),
        config.number("kept-octets", 16_384, 8_388_608),
        config.number("readers", 1, 64),
        smtp,
        imap);
  }

  private static Set<String> domains(Checked config) {
    Set<String> domains = new HashSet<>();
    config.maybe("domain").ifPresent(domain -> domains.add(checked(config, "domain", domain)));
    List<String> more = config.config().getStringList("more-domains");
    for (String domain : more) domains.add(checked(config, "more-domains", domain));
    return Set.copyOf(domains);
  }

  private static String checked(Checked config, String key, String domain) {
    boolean name =
        domain.length() <= 255
            && domain.matches("[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?")
            && !domain.contains("..");
    if (!name) throw config.bad(key, domain, "a domain in its ASCII form");
    return domain.toLowerCase(Locale.ROOT);
  }
}
