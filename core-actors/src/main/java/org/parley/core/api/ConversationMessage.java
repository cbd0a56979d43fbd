package org.parley.core.api;

import org.parley.core.spi.WireMessage;

/** Whatever may be sent to a conversation; embedders use {@link ConversationAsk}. */
public interface ConversationMessage extends WireMessage {}
