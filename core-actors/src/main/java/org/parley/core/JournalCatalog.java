package org.parley.core;

import java.util.List;
import java.util.Map;
import org.parley.core.campaign.CampaignEvent;
import org.parley.core.campaign.CampaignFold;
import org.parley.core.conversation.ConversationEvent;
import org.parley.core.conversation.ConversationFold;
import org.parley.core.conversation.ConversationState;
import org.parley.core.spi.Change;
import org.parley.core.spi.JournalRecord;

/**
 * What a persistence module needs to know of the journal: the short name of every record that is
 * ever written, and what each event changes in the read tables.
 */
public final class JournalCatalog {
  private static final Map<String, Class<? extends JournalRecord>> MANIFESTS =
      Map.ofEntries(
          Map.entry("customer-updated", ConversationEvent.CustomerUpdated.class),
          Map.entry("consent-changed", ConversationEvent.ConsentChanged.class),
          Map.entry("granted", ConversationEvent.OutreachGranted.class),
          Map.entry("settled", ConversationEvent.OutreachSettled.class),
          Map.entry("held", ConversationEvent.OutreachHeld.class),
          Map.entry("refused", ConversationEvent.OutreachRefused.class),
          Map.entry("scheduled", ConversationEvent.StepScheduled.class),
          Map.entry("skipped", ConversationEvent.StepSkipped.class),
          Map.entry("replied", ConversationEvent.ReplyReceived.class),
          Map.entry("receipt", ConversationEvent.ReceiptTaken.class),
          Map.entry("suppressed", ConversationEvent.AddressSuppressed.class),
          Map.entry("handed-off", ConversationEvent.HandedOff.class),
          Map.entry("released", ConversationEvent.Released.class),
          Map.entry("conversation", ConversationState.class),
          Map.entry("campaign-changed", CampaignEvent.CampaignChanged.class));

  private JournalCatalog() {}

  /** Every record of the journal by its manifest. A name is never reused and never removed. */
  public static Map<String, Class<? extends JournalRecord>> manifests() {
    return MANIFESTS;
  }

  /**
   * What an event changes in the read tables. Pure: no clock, no I/O.
   *
   * @param persistenceId {@code <entity type>|<entity id>}
   */
  public static List<Change> changes(String persistenceId, JournalRecord event) {
    String entityId = persistenceId.substring(persistenceId.indexOf('|') + 1);
    if (event instanceof ConversationEvent e) return ConversationFold.changes(entityId, e);
    if (event instanceof CampaignEvent e) return CampaignFold.changes(entityId, e);
    throw new IllegalArgumentException("not an event: " + event.getClass().getSimpleName());
  }
}
