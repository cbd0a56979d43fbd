package org.parley.agents.email;

import java.util.Optional;
import java.util.function.Function;
import org.parley.agents.settings.Checked;
import org.parley.core.spi.Attempt;

/**
 * Where what comes back of an attempt goes: addresses with a signed token at the domain whose mail
 * comes here. Without such a domain, or a token, the carrier's own addresses stand.
 *
 * @param domain the domain of {@code parley.inbound.email.domain}
 * @param token signs an attempt
 */
record Returns(Optional<String> domain, Function<Attempt, Optional<String>> token) {
  static final Returns NONE = new Returns(Optional.empty(), attempt -> Optional.empty());

  static Returns read(Checked parley, Function<Attempt, Optional<String>> token) {
    Checked inbound = parley.part("inbound").part("email");
    Optional<String> domain = inbound.maybe("domain");
    if (domain.isPresent()) {
      try {
        MailAddress unused = MailAddress.parse("reply@" + domain.get());
      } catch (Unsendable e) {
        throw inbound.bad("domain", domain.get(), "a domain");
      }
    }
    return new Returns(domain, token);
  }

  /** What stands behind the plus in the addresses of an attempt, with the domain. */
  Optional<String> of(Attempt attempt) {
    return domain.flatMap(at -> token.apply(attempt).map(signed -> '+' + signed + '@' + at));
  }
}
