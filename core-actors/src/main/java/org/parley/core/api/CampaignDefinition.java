package org.parley.core.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.util.List;
import java.util.Optional;

/**
 * What is submitted: whom to reach, with which steps, when and within which limits. Whether it
 * makes sense as a whole is checked by {@link Parley#createCampaign}, which names each problem's
 * place.
 *
 * @param name for people, 1 to 200 characters
 * @param audience the id of an imported audience
 * @param category marketing unless it says otherwise
 * @param steps 1 to 20, the first without {@code after}
 */
public record CampaignDefinition(
    String name,
    String audience,
    Category category,
    List<Step> steps,
    Schedule schedule,
    Policy policy) {

  public CampaignDefinition {
    steps = List.copyOf(steps);
  }

  /**
   * A step by its id, or one that follows from a step's {@link Fallback}: {@code <id>.fallback},
   * {@code <id>.callback}.
   */
  public Optional<Step> step(String id) {
    int dot = id.indexOf('.');
    if (dot < 0) return submitted(id);
    return submitted(id.substring(0, dot)).flatMap(step -> step.derived(id.substring(dot)));
  }

  private Optional<Step> submitted(String id) {
    return steps.stream().filter(s -> s.id().equals(id)).findFirst();
  }

  /**
   * One touch. A call that is answered listens for a key: 1 is an answer that says {@link
   * Intent#INTERESTED}, 2 asks to be called once more, 9 opts out of calls.
   *
   * @param id unique in the campaign: letters, digits, '-' and '_', at most 64
   * @param after absent for a step that starts with the campaign
   * @param fallback what is done when it fails; nothing when absent
   */
  public record Step(
      String id,
      Channel channel,
      Optional<After> after,
      Template template,
      Optional<Fallback> fallback) {
    private static final String FALLBACK = ".fallback";
    private static final String CALLBACK = ".callback";

    /** A step without a fallback. */
    public Step(String id, Channel channel, Optional<After> after, Template template) {
      this(id, channel, after, template, Optional.empty());
    }

    /** Whether an id is one of a derived step: no submitted one contains a dot. */
    public static boolean isDerived(String id) {
      return id.indexOf('.') >= 0;
    }

    /** What is done once this step has failed, as a step of its own. */
    public Optional<Step> onFailure() {
      if (fallback.isEmpty()) return Optional.empty();
      return fallback.get().callback().isPresent() ? callback() : derived(FALLBACK);
    }

    /** The same call once more; also for a customer who asked for it during the call. */
    public Optional<Step> callback() {
      return derived(CALLBACK);
    }

    private Optional<Step> derived(String ending) {
      if (ending.equals(CALLBACK) && channel == Channel.PHONE) {
        Duration delay = fallback.flatMap(Fallback::callback).orElse(Fallback.DEFAULT_CALLBACK);
        return Optional.of(derived(ending, channel, delay, template));
      }
      if (!ending.equals(FALLBACK) || fallback.isEmpty()) return Optional.empty();
      Fallback other = fallback.get();
      if (other.channel().isEmpty() || other.template().isEmpty()) return Optional.empty();
      return Optional.of(
          derived(ending, other.channel().get(), Duration.ZERO, other.template().get()));
    }

    private Step derived(String ending, Channel over, Duration delay, Template with) {
      After after = new After(id, Trigger.FAILED, delay, Optional.empty());
      return new Step(id + ending, over, Optional.of(after), with, Optional.empty());
    }
  }

  /**
   * What is done when a step fails: another channel, or the same once more.
   *
   * @param channel the other channel; with {@code template}
   * @param callback for a call: how long after the failure it is placed once more, ISO 8601, 1
   *     minute to 7 days; the customer's window and quiet hours hold it further
   */
  public record Fallback(
      Optional<Channel> channel, Optional<Template> template, Optional<Duration> callback) {
    /** When a customer who asks for a call back is called, where the step does not say. */
    public static final Duration DEFAULT_CALLBACK = Duration.ofHours(1);
  }

  /**
   * When a step follows another one.
   *
   * @param step the id of an earlier step
   * @param delay from the trigger to the touch, ISO 8601, 0 to 365 days
   * @param within for {@link Trigger#REPLY} and its like: how long an answer is waited for, 7 days
   *     by default
   */
  public record After(
      String step, Trigger on, @JsonProperty("wait") Duration delay, Optional<Duration> within) {
    /** How long an answer is waited for when the step does not say. */
    public static final Duration DEFAULT_WITHIN = Duration.ofDays(7);
  }

  /**
   * When a campaign may touch people.
   *
   * @param startAt absent: as soon as it is started
   * @param endAt after this moment nothing is granted and what is held is refused
   */
  public record Schedule(
      Optional<Instant> startAt, Optional<Instant> endAt, Optional<SendWindow> sendWindow) {
    public static final Schedule NOW =
        new Schedule(Optional.empty(), Optional.empty(), Optional.empty());
  }

  /**
   * The hours in which messages may leave, from inclusive to exclusive; it may cross midnight.
   *
   * @param zone {@code customer} for each customer's own zone, or an IANA zone id
   */
  public record SendWindow(LocalTime from, LocalTime to, String zone) {
    /** The zone that stands for each customer's own. */
    public static final String CUSTOMER_ZONE = "customer";
  }

  /**
   * The limits of a campaign.
   *
   * @param quietHours the customer's local hours in which marketing must rest; the node's setting
   *     when absent
   * @param ratePerSecond touches started a second over the whole campaign: by its run over the
   *     audience, and as many by what is due later (was held, is tried again, follows an earlier
   *     step); unlimited when absent
   */
  public record Policy(
      Optional<FrequencyCap> frequencyCap,
      Optional<QuietHours> quietHours,
      Optional<Integer> ratePerSecond) {
    public static final Policy NONE =
        new Policy(Optional.empty(), Optional.empty(), Optional.empty());
  }

  /**
   * At most so many marketing messages to one customer in any span of this length, over all
   * campaigns and channels. {@code UNKNOWN} counts as sent.
   *
   * @param messages 1 to 100
   * @param per 1 minute to 30 days
   */
  public record FrequencyCap(int messages, Duration per, OnLimit onLimit) {}

  /** What happens to a touch that the cap forbids now. */
  public enum OnLimit {
    /** Refuse it: the customer does without. */
    @JsonProperty("skip")
    SKIP,
    /** Hold it until the cap allows it. */
    @JsonProperty("hold")
    HOLD
  }

  /** From inclusive to exclusive; it may cross midnight. */
  public record QuietHours(LocalTime from, LocalTime to) {}
}
