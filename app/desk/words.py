"""All words of the desk, typed: a language that lacks one does not build.

Words speak of what happened, why, and what next; a code never stands alone. Tables are keyed by the stable words of the
domain's enums and errors, and a test holds them complete.
"""

from msgspec import Struct


class Words(Struct, frozen=True, kw_only=True):
    """One language. Braces are places for values, the same in every language."""

    skip_to_content: str
    menu: str
    look_title: str
    theme_toggle: str
    sign_out: str
    acceptance: str
    nav_board: str
    nav_stations: str
    nav_locations: str
    nav_models: str
    nav_labels: str
    nav_connections: str
    nav_people: str
    nav_cpos: str
    nav_subscriptions: str
    live_on: str
    live_off: str
    live_connecting: str
    search: str
    search_board: str
    search_stations: str
    search_locations: str
    search_labels: str
    search_connections: str
    show: str
    show_refused: str
    show_unknown: str
    show_all: str
    all_cpos: str
    all_people: str
    all_states: str
    clear_filter: str
    nothing_found: str
    none_here: str
    choose: str
    apply: str
    save: str
    cancel: str
    undo: str
    copy: str
    copied: str
    yes: str
    no: str
    previous: str
    next_page: str
    pages: str
    showing: str
    just_now: str
    times_in: str
    ago: str
    age_seconds: str
    age_minutes: str
    age_hours: str
    age_days: str
    since: str
    until: str
    when: str
    by: str
    state: str
    check: str
    address: str
    name: str
    phone: str
    person: str
    role: str
    cpo: str
    location: str
    connection: str
    answer: str
    created: str
    language: str
    link: str
    key: str
    forgotten: str
    you: str
    everything: str
    board_empty_title: str
    board_empty_invite: str
    board_empty_labels: str
    board_empty_scan: str
    unknown_calls: str
    did_they_mean: str
    station_id: str
    checklist_title: str
    begun_by: str
    now_with: str
    missing_texts: str
    the_station: str
    handed_over_by: str
    released: str
    release: str
    release_hint: str
    no_commissioning: str
    not_created_yet: str
    given_back: str
    given_back_why: str
    hardware_title: str
    no_hardware: str
    socket: str
    sockets: str
    socket_word: str
    socket_count: str
    connector: str
    whole_station: str
    directions: str
    parking_word: str
    parking_none: str
    not_written: str
    floor: str
    reference: str
    online: str
    offline_word: str
    last_seen: str
    ocpp_url: str
    subprotocol: str
    virtual_title: str
    virtual_hint: str
    virtual_switch_on: str
    virtual_switch_off: str
    trials_title: str
    waits_for: str
    findings_title: str
    history_title: str
    no_history: str
    made_without_signal: str
    support_title: str
    password_word: str
    password_title: str
    password_new: str
    password_make: str
    password_warning: str
    password_warning_used: str
    password_type_in: str
    password_none: str
    password_set: str
    password_used: str
    password_unused: str
    shown_once: str
    back_to_station: str
    no_stations: str
    no_stations_here: str
    no_locations: str
    no_models: str
    expected_link: str
    expected_title: str
    published: str
    unpublished: str
    on_maps: str
    labels_new: str
    labels_new_hint: str
    labels_sockets: str
    labels_station_only: str
    labels_make: str
    labels_make_print: str
    labels_print_chosen: str
    labels_print_title: str
    label_for: str
    label_size: str
    label_skip: str
    label_code: str
    label_service_code: str
    label_not_for_payment: str
    print: str
    print_hint: str
    sheet: str
    download_svg: str
    no_labels: str
    no_labels_yet: str
    not_yet_known: str
    calls_itself: str
    no_connections: str
    devices: str
    no_devices: str
    this_device: str
    revoke_device: str
    revoked: str
    disabled: str
    invite_somebody: str
    invite_another: str
    invite_make: str
    invites_open: str
    invite_qr: str
    invited_title: str
    invited_code: str
    invited_link: str
    invited_local: str
    works_for: str
    works_for_hint: str
    name_hint: str
    phone_hint: str
    valid_for: str
    valid_until: str
    cpo_new: str
    cpo_name_hint: str
    country_code: str
    country_code_hint: str
    party_id: str
    party_id_hint: str
    party_taken: str
    party: str
    tariff: str
    tariff_hint: str
    charger_type: str
    release_on: str
    release_on_hint: str
    installers_may: str
    required_trials: str
    required_trials_hint: str
    hand_over_rules: str
    accepts_no_load: str
    findings_block: str
    make_stations: str
    make_locations: str
    nothing_new: str
    language_hint: str
    time_zone: str
    time_zone_hint: str
    support_phone: str
    support_phone_hint: str
    test_cards: str
    test_cards_hint: str
    no_cpos: str
    platform_word: str
    platform_of: str
    platform_hint: str
    platform_address: str
    platform_address_hint: str
    platform_ocpp: str
    platform_ocpp_hint: str
    platform_save: str
    platform_change: str
    token_for: str
    token_hint: str
    token_none: str
    token_set: str
    token_refused_now: str
    token_tried: str
    list_of: str
    token_opens: str
    patches_evses: str
    first_reading: str
    read_there: str
    elsewhere: str
    password_theirs: str
    modules: str
    modules_hint: str
    last_day: str
    last_day_hint: str
    rate: str
    rate_hint: str
    rate_free_hint: str
    no_limit: str
    last_used: str
    never_used: str
    old_key_until: str
    old_key_ended: str
    rotate: str
    rotate_warning: str
    grace: str
    subscription_change: str
    revoke: str
    revoke_subscription_warning: str
    subscriptions_hint: str
    subscription_new: str
    subscription_make: str
    subscription_made: str
    subscription_name_hint: str
    subscription_use: str
    key_elsewhere: str
    no_subscriptions: str
    signin_title: str
    signin_how: str
    signin_cli: str
    signin_installer: str
    phone_app: str
    installer_title: str
    installer_why: str
    installer_open: str
    join_title: str
    join_as: str
    join_known: str
    join_button: str
    join_once: str
    join_until: str
    your_name: str
    your_name_hint: str
    spent_title: str
    spent_why: str
    to_desk: str
    error_next: str
    landing_service: str
    landing_open: str
    landing_installer: str
    landing_driver_title: str
    landing_driver: str
    landing_unknown_title: str
    landing_unknown: str
    landing_damaged_title: str
    landing_damaged: str
    landing_app: str
    months: tuple[str, ...]
    columns: dict[str, str]
    why: dict[str, str]
    kinds: dict[str, str]
    commissioning_states: dict[str, str]
    checks: dict[str, str]
    check_states: dict[str, str]
    parked: dict[str, str]
    deploy_states: dict[str, str]
    registrations: dict[str, str]
    knocks: dict[str, str]
    knock_advice: dict[str, str]
    offline: dict[str, str]
    evse_status: dict[str, str]
    connector_status: dict[str, str]
    parking: dict[str, str]
    hardware: dict[str, str]
    boot: dict[str, str]
    trial_kinds: dict[str, str]
    trial_states: dict[str, str]
    outcomes: dict[str, str]
    causes: dict[str, str]
    waits: dict[str, str]
    findings: dict[str, str]
    stops: dict[str, str]
    expecting: dict[str, str]
    sources: dict[str, str]
    roles: dict[str, str]
    role_hints: dict[str, str]
    charger_types: dict[str, str]
    releases: dict[str, str]
    worlds: dict[str, str]
    platform_choices: dict[str, str]
    opened: dict[str, str]
    permissions: dict[str, str]
    subscription_states: dict[str, str]
    graces: dict[str, str]
    rungs: dict[str, str]
    rung_next: dict[str, str]
    offline_next: dict[str, str]
    axes: dict[str, str]
    profiles: dict[str, str]
    tuning: dict[str, str]
    rotation: dict[str, str]
    evidence: dict[str, str]
    rows: dict[str, str]
    hows: dict[str, str]
    ways: dict[str, str]
    ways_title: str
    differs: dict[str, str]
    auths: dict[str, str]
    adoption: dict[str, str]
    commands: dict[str, str]
    command_explains: dict[str, str]
    command_results: dict[str, str]
    command_words: dict[str, str]
    notices: dict[str, str]
    field_errors: dict[str, str]
    facts: dict[str, str]
    errors: dict[str, str]
