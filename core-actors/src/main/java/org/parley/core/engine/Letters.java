package org.parley.core.engine;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.Channel;
import org.parley.core.api.Preview;
import org.parley.core.api.Profile;
import org.parley.core.api.Refusal.Problem;
import org.parley.core.api.RenderedMessage;
import org.parley.core.api.SmsText;
import org.parley.core.api.Template;
import org.parley.core.spi.Attempt;
import org.parley.core.template.Names;
import org.parley.core.template.Renderer;

/** Fills in templates, with what every message may refer to. */
final class Letters {
  private final Renderer renderer = new Renderer();
  private final String publicUrl;
  private final BigDecimal smsCostPerSegment;

  /**
   * Without a public URL, messages carry no unsubscribe link.
   *
   * @param smsCostPerSegment what a segment of a text message costs; zero when nobody knows
   */
  Letters(String publicUrl, BigDecimal smsCostPerSegment) {
    this.publicUrl = publicUrl;
    this.smsCostPerSegment = smsCostPerSegment;
  }

  RenderedMessage render(Attempt attempt) {
    return renderer.render(
        attempt.template(),
        attempt.profile(),
        extras(attempt.customer().customerId(), attempt.unsubscribeToken()));
  }

  /** What a step would say to somebody, and which values it would miss. */
  Preview preview(CampaignDefinition.Step step, String customerId, Profile profile) {
    List<String> warnings =
        renderer.variables(step.template()).stream()
            .filter(
                name -> !Names.STANDARD.contains(name) && !profile.attributes().containsKey(name))
            .map(name -> "no value for " + name)
            .sorted()
            .toList();
    RenderedMessage message =
        renderer.render(step.template(), profile, extras(customerId, Optional.of("preview")));
    return new Preview(
        step.id(),
        step.channel(),
        profile.address(step.channel()),
        message,
        warnings,
        step.channel() == Channel.SMS ? message.text().map(this::sms) : Optional.empty());
  }

  private Preview.Sms sms(String text) {
    SmsText sms = SmsText.of(text);
    int segments = sms.segments().size();
    Optional<BigDecimal> cost =
        smsCostPerSegment.signum() == 0
            ? Optional.empty()
            : Optional.of(smsCostPerSegment.multiply(BigDecimal.valueOf(segments)));
    return new Preview.Sms(sms.encoding().label(), segments, cost);
  }

  /** What is wrong with the template of a single message. */
  List<Problem> check(Template template, Channel channel) {
    return renderer.checkSyntax(template, channel, "/template");
  }

  private Map<String, String> extras(String customerId, Optional<String> token) {
    String link =
        token
            .filter(t -> !publicUrl.isEmpty())
            .map(t -> publicUrl + "/v1/unsubscribe/" + t)
            .orElse("");
    return Map.of("customerId", customerId, "unsubscribeUrl", link);
  }
}
