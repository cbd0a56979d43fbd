package org.parley.core.policy;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.parley.core.api.CampaignDefinition.FrequencyCap;
import org.parley.core.api.CampaignDefinition.OnLimit;
import org.parley.core.api.CampaignDefinition.Policy;
import org.parley.core.api.CampaignDefinition.QuietHours;
import org.parley.core.api.CampaignDefinition.Schedule;
import org.parley.core.api.CampaignDefinition.SendWindow;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.ConsentState;
import org.parley.core.api.Profile;

/**
 * Decides whether a touch may go now. Pure. What forbids it for ever comes first, then what forbids
 * it now; a time that lies behind the campaign's end is as good as never.
 */
public final class Rules {
  private static final Decision SEND = new Decision.Send();

  private final PolicySettings settings;

  public Rules(PolicySettings settings) {
    this.settings = settings;
  }

  /** What a touch would be. */
  public record Touch(Channel channel, Category category, Schedule schedule, Policy policy) {}

  /**
   * Whom it would reach.
   *
   * @param suppressed addresses that must not be used again
   */
  public record Person(
      Profile profile,
      Map<Channel, ConsentState> consent,
      List<String> suppressed,
      Contacts contacts) {

    /** Carriers write an address in capitals or not, as they like. */
    boolean isSuppressed(String address) {
      for (String one : suppressed) if (one.equalsIgnoreCase(address)) return true;
      return false;
    }
  }

  public Decision judge(Touch touch, Person person, Instant now) {
    Optional<String> never = never(touch, person, now);
    if (never.isPresent()) return new Decision.Refuse(never.get());
    Decision later = later(touch, person, now);
    if (later instanceof Decision.Hold hold && isOver(touch.schedule(), hold.until())) {
      return new Decision.Refuse("campaignEnded");
    }
    return later;
  }

  private Optional<String> never(Touch touch, Person person, Instant now) {
    Optional<String> address = person.profile().address(touch.channel());
    if (address.isEmpty()) return Optional.of("noAddress");
    if (person.isSuppressed(address.get())) return Optional.of("addressSuppressed");
    ConsentState consent = person.consent().get(touch.channel());
    boolean marketing = touch.category() == Category.MARKETING;
    // An opt-out from email leaves what the customer asked for; STOP to a phone number ends all.
    if (consent == ConsentState.OPTED_OUT && (marketing || touch.channel() != Channel.EMAIL)) {
      return Optional.of("optedOut");
    }
    if (marketing && settings.requireOptIn() && consent != ConsentState.OPTED_IN) {
      return Optional.of("noConsent");
    }
    return isOver(touch.schedule(), now) ? Optional.of("campaignEnded") : Optional.empty();
  }

  private Decision later(Touch touch, Person person, Instant now) {
    if (touch.category() == Category.TRANSACTIONAL) return SEND;
    Optional<FrequencyCap> cap = touch.policy().frequencyCap();
    if (cap.isPresent()) {
      Instant free = person.contacts().allowedBy(cap.get(), now);
      if (free.isAfter(now)) {
        return cap.get().onLimit() == OnLimit.SKIP
            ? new Decision.Refuse("frequencyCap")
            : new Decision.Hold("frequencyCap", free);
      }
    }
    ZoneId own = zone(person.profile());
    Optional<QuietHours> quiet = touch.policy().quietHours().or(settings::quietHours);
    if (quiet.isPresent()) {
      Instant end = new Hours(quiet.get().from(), quiet.get().to()).nextEnd(now, own);
      if (end.isAfter(now)) return new Decision.Hold("quietHours", end);
    }
    Optional<SendWindow> window = touch.schedule().sendWindow();
    if (window.isPresent()) {
      Instant start =
          new Hours(window.get().from(), window.get().to()).nextStart(now, zone(window.get(), own));
      if (start.isAfter(now)) return new Decision.Hold("sendWindow", start);
    }
    return SEND;
  }

  private static boolean isOver(Schedule schedule, Instant moment) {
    return schedule.endAt().isPresent() && !moment.isBefore(schedule.endAt().get());
  }

  private ZoneId zone(Profile profile) {
    if (profile.timeZone().isEmpty()) return settings.defaultZone();
    try {
      return ZoneId.of(profile.timeZone().get());
    } catch (DateTimeException e) {
      // A zone that was valid where the profile was checked and is unknown to this node's tables.
      return settings.defaultZone();
    }
  }

  private static ZoneId zone(SendWindow window, ZoneId own) {
    return window.zone().equals(SendWindow.CUSTOMER_ZONE) ? own : ZoneId.of(window.zone());
  }
}
