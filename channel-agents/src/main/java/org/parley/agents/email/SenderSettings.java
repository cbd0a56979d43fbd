package org.parley.agents.email;

import com.typesafe.config.ConfigException;
import java.net.URI;
import java.util.Optional;
import org.parley.agents.settings.Checked;

/**
 * Who a carrier's messages come from.
 *
 * @param from the address in the From header
 * @param fromName the name beside it
 * @param replyTo where answers go, when elsewhere
 * @param returnPath the envelope's sender, where bounces go
 * @param messageIdDomain the part of a Message-ID after the at sign
 * @param unsubscribeMailto an address for those whose mail program cannot post
 * @param publicUrl where customers reach this node's API; absent means no List-Unsubscribe link
 */
record SenderSettings(
    MailAddress from,
    Optional<String> fromName,
    Optional<MailAddress> replyTo,
    MailAddress returnPath,
    String messageIdDomain,
    Optional<MailAddress> unsubscribeMailto,
    Optional<URI> publicUrl) {

  static SenderSettings read(Checked config, Checked parley) {
    MailAddress from = address(config, "from", config.text("from"));
    Optional<String> name = config.maybe("from-name");
    if (name.isPresent() && name.get().chars().anyMatch(Character::isISOControl)) {
      throw config.bad("from-name", "a text with a control character", "a text of one line");
    }
    return new SenderSettings(
        from,
        name,
        config.maybe("reply-to").map(text -> address(config, "reply-to", text)),
        config.maybe("return-path").map(text -> address(config, "return-path", text)).orElse(from),
        config.maybe("message-id-domain").orElse(from.domain()),
        config.maybe("unsubscribe-mailto").map(text -> address(config, "unsubscribe-mailto", text)),
        parley.maybe("public-url").map(text -> url(parley, text)));
  }

  private static MailAddress address(Checked config, String key, String text) {
    try {
      MailAddress address = MailAddress.parse(text);
      if (address.ascii()) return address;
    } catch (Unsendable e) {
      throw config.bad(key, text, "an email address; " + e.detail());
    }
    throw config.bad(key, text, "an email address with a local part in ASCII");
  }

  private static URI url(Checked parley, String text) {
    try {
      URI url = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
      boolean web = "https".equals(url.getScheme()) || "http".equals(url.getScheme());
      if (web && url.getHost() != null && url.getQuery() == null) return url;
    } catch (IllegalArgumentException e) {
      throw badUrl(parley, text);
    }
    throw badUrl(parley, text);
  }

  private static ConfigException badUrl(Checked parley, String text) {
    return parley.bad("public-url", text, "an http or https address without a query");
  }
}
