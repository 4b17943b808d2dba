#pragma once
// The account that the Sendcloud sandbox plays: its carriers, options, sender addresses and service points, and the provider's statuses.
#include <cstdint>
#include <iterator>
#include <string_view>

namespace stoa::sandbox::sendcloud {

struct Option {
    const char* code;
    const char* name;
    const char* carrier;
    const char* carrier_name;
    const char* product;
    int contract;
    bool service_point;
    bool letter;
    bool returns;
    bool signature;
    bool multicollo;
    std::int64_t base_cents;
    std::int64_t per_kg_cents;
    std::int64_t max_grams;
    int max_mm[3];      // longest side first
    int volume_per_kg;  // cm³ that are billed as one kilogram; 0: only the scales count
    int lead_hours;
    const char* destinations;  // "": anywhere
};
inline constexpr Option kOptions[] = {
    {"sendcloud:letter",
     "Unstamped letter",
     "sendcloud",
     "Sendcloud",
     "Unstamped letter",
     59,
     false,
     true,
     false,
     false,
     false,
     0,
     0,
     2000,
     {380, 265, 32},
     0,
     24,
     ""},
    {"postnl:standard",
     "PostNL Standard",
     "postnl",
     "PostNL",
     "PostNL home delivery",
     60,
     false,
     false,
     false,
     false,
     true,
     495,
     25,
     23000,
     {1750, 780, 580},
     0,
     24,
     "NL BE DE LU FR AT"},
    {"postnl:standard/signature",
     "PostNL Standard, signature",
     "postnl",
     "PostNL",
     "PostNL, signature on delivery",
     60,
     false,
     false,
     false,
     true,
     true,
     645,
     25,
     23000,
     {1750, 780, 580},
     0,
     24,
     "NL BE DE LU FR AT"},
    {"dhl:service_point",
     "DHL Service Point",
     "dhl",
     "DHL",
     "DHL pick-up point",
     61,
     true,
     false,
     false,
     false,
     false,
     390,
     15,
     20000,
     {800, 500, 350},
     0,
     24,
     "NL BE DE LU FR AT ES"},
    {"correos:standard",
     "Correos Standard",
     "correos",
     "Correos",
     "Correos home delivery",
     62,
     false,
     false,
     false,
     false,
     true,
     690,
     40,
     30000,
     {1200, 800, 800},
     6000,
     48,
     "ES PT"},
    {"correos:standard/signature",
     "Correos Standard, signature",
     "correos",
     "Correos",
     "Correos, signature",
     62,
     false,
     false,
     false,
     true,
     true,
     840,
     40,
     30000,
     {1200, 800, 800},
     6000,
     48,
     "ES PT"},
    {"ups:return",
     "UPS Return",
     "ups",
     "UPS",
     "UPS return",
     63,
     false,
     false,
     true,
     false,
     true,
     590,
     30,
     30000,
     {1000, 800, 600},
     5000,
     48,
     ""},
};
inline constexpr const char* kCarriers[] = {"sendcloud", "postnl", "dhl", "correos", "ups"};
inline constexpr const char* kCarrierWithPoints = "dhl";

struct Place {
    int id;
    const char* name;
    const char* street;
    const char* number;
    const char* postal_code;
    const char* city;
    const char* country;
    const char* latitude;
    const char* longitude;
    const char* type;  // general_shop_type
};
inline constexpr Place kPlaces[] = {
    {10875349, "Boekhandel De Markt", "Markt", "12", "5611 EB", "Eindhoven", "NL", "51.43851", "5.47926", "servicepoint"},
    {10875350, "Tabakshop Strijp", "Torenallee", "22", "5617 BD", "Eindhoven", "NL", "51.44712", "5.45673", "servicepoint"},
    {10875351, "Primera Woensel", "Woenselse Markt", "4", "5612 CP", "Eindhoven", "NL", "51.45034", "5.47811", "servicepoint"},
    {10875352, "DHL Locker Station", "Neckerspoel", "10", "5611 AD", "Eindhoven", "NL", "51.44330", "5.48170", "locker"},
    {10875353, "Gamma Tongelre", "Hofstraat", "161", "5641 TD", "Eindhoven", "NL", "51.44702", "5.51024", "servicepoint"},
    {10875354, "Bloemen Geldrop", "Heuvel", "31", "5664 HJ", "Geldrop", "NL", "51.42193", "5.55930", "servicepoint"},
    {10875355, "Plus Veldhoven", "Citycentrum", "8", "5501 CA", "Veldhoven", "NL", "51.41840", "5.40290", "servicepoint"},
    {10875356, "Kiosk Amsterdam Centraal", "Stationsplein", "9", "1012 AB", "Amsterdam", "NL", "52.37890", "4.90030", "servicepoint"},
    {10875357, "Albert Heijn Jordaan", "Haarlemmerdijk", "1", "1013 KA", "Amsterdam", "NL", "52.38210", "4.88950", "servicepoint"},
    {10875358, "Packstation 101", "Alexanderplatz", "3", "10178", "Berlin", "DE", "52.52190", "13.41320", "locker"},
    {10875359, "Spätkauf Kreuzberg", "Oranienstraße", "25", "10999", "Berlin", "DE", "52.50080", "13.41890", "servicepoint"},
    {10875360, "Kiosk Prenzlauer Berg", "Kastanienallee", "88", "10435", "Berlin", "DE", "52.53930", "13.40990", "servicepoint"},
    {10875361, "Postagentur Schwabing", "Leopoldstraße", "77", "80802", "München", "DE", "48.16140", "11.58620", "post_office"},
    {10875362, "Tabac Bastille", "Rue de la Roquette", "14", "75011", "Paris", "FR", "48.85420", "2.37120", "servicepoint"},
    {10875363, "Librairie Marais", "Rue de Rivoli", "30", "75004", "Paris", "FR", "48.85640", "2.35610", "servicepoint"},
    {10875364, "Dagbladhandel Zuid", "Nationalestraat", "55", "2000", "Antwerpen", "BE", "51.21490", "4.39860", "servicepoint"},
    {10875365, "Night Shop Ixelles", "Chaussée d'Ixelles", "120", "1050", "Bruxelles", "BE", "50.83310", "4.36590", "servicepoint"},
    {10875366, "Trafik Neubau", "Neubaugasse", "18", "1070", "Wien", "AT", "48.20060", "16.34920", "servicepoint"},
    {10875367, "Papelería Sol", "Calle de Alcalá", "7", "28014", "Madrid", "ES", "40.41740", "-3.70080", "servicepoint"},
    {10875368, "Estanco Atocha", "Calle de Atocha", "98", "28012", "Madrid", "ES", "40.41120", "-3.69620", "servicepoint"},
};

struct Sender {
    int id;
    const char* name;
    const char* company;
    const char* street;
    const char* number;
    const char* postal_code;
    const char* city;
    const char* country;
    const char* email;
    const char* phone;
};
inline constexpr Sender kSenders[] = {
    {191, "Almacén Madrid", "Stoa Home", "Calle de Toledo", "46", "28005", "Madrid", "ES", "madrid@stoa.example", "+34910000000"},
    {192, "Magazijn Eindhoven", "Stoa Home", "Kanaaldijk", "8", "5611 AZ", "Eindhoven", "NL", "eindhoven@stoa.example", "+31400000000"},
};

struct Status {
    int id;
    const char* code;
    const char* message;
};
inline constexpr Status kStatuses[] = {
    {999, "NO_LABEL", "No label"},
    {1000, "READY_TO_SEND", "Ready to send"},
    {1001, "ANNOUNCING", "Being announced"},
    {1002, "ANNOUNCEMENT_FAILED", "Announcement failed"},
    {1, "ANNOUNCED", "Announced"},
    {13, "ANNOUNCED_NOT_COLLECTED", "Announced: not collected"},
    {15, "ERROR_COLLECTING", "Error collecting"},
    {22, "SHIPMENT_PICKED_UP_BY_DRIVER", "Shipment picked up by driver"},
    {3, "EN_ROUTE_TO_SORTING_CENTER", "En route to sorting center"},
    {4, "DELIVERY_DELAYED", "Delivery delayed"},
    {5, "SORTED", "Sorted"},
    {6, "NOT_SORTED", "Not sorted"},
    {7, "BEING_SORTED", "Being sorted"},
    {62990, "AT_SORTING_CENTRE", "At sorting centre"},
    {62989, "AT_CUSTOMS", "At customs"},
    {91, "PARCEL_EN_ROUTE", "Parcel en route"},
    {92, "DRIVER_EN_ROUTE", "Driver en route"},
    {8, "DELIVERY_ATTEMPT_FAILED", "Delivery attempt failed"},
    {12, "AWAITING_CUSTOMER_PICKUP", "Awaiting customer pickup"},
    {11, "DELIVERED", "Delivered"},
    {93, "SHIPMENT_COLLECTED_BY_CUSTOMER", "Shipment collected by customer"},
    {80, "UNABLE_TO_DELIVER", "Unable to deliver"},
    {62991, "REFUSED_BY_RECIPIENT", "Refused by recipient"},
    {62992, "RETURNED_TO_SENDER", "Returned to sender"},
    {62993, "DELIVERY_METHOD_CHANGED", "Delivery method changed"},
    {62994, "DELIVERY_DATE_CHANGED", "Delivery date changed"},
    {62995, "DELIVERY_ADDRESS_CHANGED", "Delivery address changed"},
    {62996, "EXCEPTION", "Exception"},
    {62997, "ADDRESS_INVALID", "Address invalid"},
    {1998, "CANCELLED_UPSTREAM", "Cancelled upstream"},
    {1999, "CANCELLATION_REQUESTED", "Cancellation requested"},
    {2001, "SUBMITTING_CANCELLATION_REQUEST", "Submitting cancellation request"},
    {2000, "CANCELLED", "Cancelled"},
    {94, "PARCEL_CANCELLATION_FAILED", "Parcel cancellation failed"},
    {1337, "UNKNOWN_STATUS", "Unknown status"},
};
[[nodiscard]] inline const Status& status_of(int id) {
    for (const auto& status : kStatuses) {
        if (status.id == id) return status;
    }
    return kStatuses[std::size(kStatuses) - 1];
}

struct Country {
    const char* iso_2;
    const char* iso_3;
    const char* name;
    bool customs_union;  // parcels between two of these need no customs form
};
inline constexpr Country kCountries[] = {
    {"AD", "AND", "Andorra", false},
    {"AE", "ARE", "United Arab Emirates", false},
    {"AF", "AFG", "Afghanistan", false},
    {"AG", "ATG", "Antigua & Barbuda", false},
    {"AI", "AIA", "Anguilla", false},
    {"AL", "ALB", "Albania", false},
    {"AM", "ARM", "Armenia", false},
    {"AO", "AGO", "Angola", false},
    {"AQ", "ATA", "Antarctica", false},
    {"AR", "ARG", "Argentina", false},
    {"AS", "ASM", "American Samoa", false},
    {"AT", "AUT", "Austria", true},
    {"AU", "AUS", "Australia", false},
    {"AW", "ABW", "Aruba", false},
    {"AX", "ALA", "Åland Islands", false},
    {"AZ", "AZE", "Azerbaijan", false},
    {"BA", "BIH", "Bosnia & Herzegovina", false},
    {"BB", "BRB", "Barbados", false},
    {"BD", "BGD", "Bangladesh", false},
    {"BE", "BEL", "Belgium", true},
    {"BF", "BFA", "Burkina Faso", false},
    {"BG", "BGR", "Bulgaria", true},
    {"BH", "BHR", "Bahrain", false},
    {"BI", "BDI", "Burundi", false},
    {"BJ", "BEN", "Benin", false},
    {"BL", "BLM", "St. Barthélemy", false},
    {"BM", "BMU", "Bermuda", false},
    {"BN", "BRN", "Brunei", false},
    {"BO", "BOL", "Bolivia", false},
    {"BQ", "BES", "Caribbean Netherlands", false},
    {"BR", "BRA", "Brazil", false},
    {"BS", "BHS", "Bahamas", false},
    {"BT", "BTN", "Bhutan", false},
    {"BV", "BVT", "Bouvet Island", false},
    {"BW", "BWA", "Botswana", false},
    {"BY", "BLR", "Belarus", false},
    {"BZ", "BLZ", "Belize", false},
    {"CA", "CAN", "Canada", false},
    {"CC", "CCK", "Cocos (Keeling) Islands", false},
    {"CD", "COD", "Congo - Kinshasa", false},
    {"CF", "CAF", "Central African Republic", false},
    {"CG", "COG", "Congo - Brazzaville", false},
    {"CH", "CHE", "Switzerland", false},
    {"CI", "CIV", "Côte d'Ivoire", false},
    {"CK", "COK", "Cook Islands", false},
    {"CL", "CHL", "Chile", false},
    {"CM", "CMR", "Cameroon", false},
    {"CN", "CHN", "China", false},
    {"CO", "COL", "Colombia", false},
    {"CR", "CRI", "Costa Rica", false},
    {"CU", "CUB", "Cuba", false},
    {"CV", "CPV", "Cape Verde", false},
    {"CW", "CUW", "Curaçao", false},
    {"CX", "CXR", "Christmas Island", false},
    {"CY", "CYP", "Cyprus", true},
    {"CZ", "CZE", "Czechia", true},
    {"DE", "DEU", "Germany", true},
    {"DJ", "DJI", "Djibouti", false},
    {"DK", "DNK", "Denmark", true},
    {"DM", "DMA", "Dominica", false},
    {"DO", "DOM", "Dominican Republic", false},
    {"DZ", "DZA", "Algeria", false},
    {"EC", "ECU", "Ecuador", false},
    {"EE", "EST", "Estonia", true},
    {"EG", "EGY", "Egypt", false},
    {"EH", "ESH", "Western Sahara", false},
    {"ER", "ERI", "Eritrea", false},
    {"ES", "ESP", "Spain", true},
    {"ET", "ETH", "Ethiopia", false},
    {"FI", "FIN", "Finland", true},
    {"FJ", "FJI", "Fiji", false},
    {"FK", "FLK", "Falkland Islands", false},
    {"FM", "FSM", "Micronesia", false},
    {"FO", "FRO", "Faroe Islands", false},
    {"FR", "FRA", "France", true},
    {"GA", "GAB", "Gabon", false},
    {"GB", "GBR", "United Kingdom", false},
    {"GD", "GRD", "Grenada", false},
    {"GE", "GEO", "Georgia", false},
    {"GF", "GUF", "French Guiana", false},
    {"GG", "GGY", "Guernsey", false},
    {"GH", "GHA", "Ghana", false},
    {"GI", "GIB", "Gibraltar", false},
    {"GL", "GRL", "Greenland", false},
    {"GM", "GMB", "Gambia", false},
    {"GN", "GIN", "Guinea", false},
    {"GP", "GLP", "Guadeloupe", false},
    {"GQ", "GNQ", "Equatorial Guinea", false},
    {"GR", "GRC", "Greece", true},
    {"GS", "SGS", "South Georgia & South Sandwich Islands", false},
    {"GT", "GTM", "Guatemala", false},
    {"GU", "GUM", "Guam", false},
    {"GW", "GNB", "Guinea-Bissau", false},
    {"GY", "GUY", "Guyana", false},
    {"HK", "HKG", "Hong Kong SAR China", false},
    {"HM", "HMD", "Heard & McDonald Islands", false},
    {"HN", "HND", "Honduras", false},
    {"HR", "HRV", "Croatia", true},
    {"HT", "HTI", "Haiti", false},
    {"HU", "HUN", "Hungary", true},
    {"ID", "IDN", "Indonesia", false},
    {"IE", "IRL", "Ireland", true},
    {"IL", "ISR", "Israel", false},
    {"IM", "IMN", "Isle of Man", false},
    {"IN", "IND", "India", false},
    {"IO", "IOT", "British Indian Ocean Territory", false},
    {"IQ", "IRQ", "Iraq", false},
    {"IR", "IRN", "Iran", false},
    {"IS", "ISL", "Iceland", false},
    {"IT", "ITA", "Italy", true},
    {"JE", "JEY", "Jersey", false},
    {"JM", "JAM", "Jamaica", false},
    {"JO", "JOR", "Jordan", false},
    {"JP", "JPN", "Japan", false},
    {"KE", "KEN", "Kenya", false},
    {"KG", "KGZ", "Kyrgyzstan", false},
    {"KH", "KHM", "Cambodia", false},
    {"KI", "KIR", "Kiribati", false},
    {"KM", "COM", "Comoros", false},
    {"KN", "KNA", "St. Kitts & Nevis", false},
    {"KP", "PRK", "North Korea", false},
    {"KR", "KOR", "South Korea", false},
    {"KW", "KWT", "Kuwait", false},
    {"KY", "CYM", "Cayman Islands", false},
    {"KZ", "KAZ", "Kazakhstan", false},
    {"LA", "LAO", "Laos", false},
    {"LB", "LBN", "Lebanon", false},
    {"LC", "LCA", "St. Lucia", false},
    {"LI", "LIE", "Liechtenstein", false},
    {"LK", "LKA", "Sri Lanka", false},
    {"LR", "LBR", "Liberia", false},
    {"LS", "LSO", "Lesotho", false},
    {"LT", "LTU", "Lithuania", true},
    {"LU", "LUX", "Luxembourg", true},
    {"LV", "LVA", "Latvia", true},
    {"LY", "LBY", "Libya", false},
    {"MA", "MAR", "Morocco", false},
    {"MC", "MCO", "Monaco", true},
    {"MD", "MDA", "Moldova", false},
    {"ME", "MNE", "Montenegro", false},
    {"MF", "MAF", "St. Martin", false},
    {"MG", "MDG", "Madagascar", false},
    {"MH", "MHL", "Marshall Islands", false},
    {"MK", "MKD", "North Macedonia", false},
    {"ML", "MLI", "Mali", false},
    {"MM", "MMR", "Myanmar (Burma)", false},
    {"MN", "MNG", "Mongolia", false},
    {"MO", "MAC", "Macao SAR China", false},
    {"MP", "MNP", "Northern Mariana Islands", false},
    {"MQ", "MTQ", "Martinique", false},
    {"MR", "MRT", "Mauritania", false},
    {"MS", "MSR", "Montserrat", false},
    {"MT", "MLT", "Malta", true},
    {"MU", "MUS", "Mauritius", false},
    {"MV", "MDV", "Maldives", false},
    {"MW", "MWI", "Malawi", false},
    {"MX", "MEX", "Mexico", false},
    {"MY", "MYS", "Malaysia", false},
    {"MZ", "MOZ", "Mozambique", false},
    {"NA", "NAM", "Namibia", false},
    {"NC", "NCL", "New Caledonia", false},
    {"NE", "NER", "Niger", false},
    {"NF", "NFK", "Norfolk Island", false},
    {"NG", "NGA", "Nigeria", false},
    {"NI", "NIC", "Nicaragua", false},
    {"NL", "NLD", "Netherlands", true},
    {"NO", "NOR", "Norway", false},
    {"NP", "NPL", "Nepal", false},
    {"NR", "NRU", "Nauru", false},
    {"NU", "NIU", "Niue", false},
    {"NZ", "NZL", "New Zealand", false},
    {"OM", "OMN", "Oman", false},
    {"PA", "PAN", "Panama", false},
    {"PE", "PER", "Peru", false},
    {"PF", "PYF", "French Polynesia", false},
    {"PG", "PNG", "Papua New Guinea", false},
    {"PH", "PHL", "Philippines", false},
    {"PK", "PAK", "Pakistan", false},
    {"PL", "POL", "Poland", true},
    {"PM", "SPM", "St. Pierre & Miquelon", false},
    {"PN", "PCN", "Pitcairn Islands", false},
    {"PR", "PRI", "Puerto Rico", false},
    {"PS", "PSE", "Palestinian Territories", false},
    {"PT", "PRT", "Portugal", true},
    {"PW", "PLW", "Palau", false},
    {"PY", "PRY", "Paraguay", false},
    {"QA", "QAT", "Qatar", false},
    {"RE", "REU", "Réunion", false},
    {"RO", "ROU", "Romania", true},
    {"RS", "SRB", "Serbia", false},
    {"RU", "RUS", "Russia", false},
    {"RW", "RWA", "Rwanda", false},
    {"SA", "SAU", "Saudi Arabia", false},
    {"SB", "SLB", "Solomon Islands", false},
    {"SC", "SYC", "Seychelles", false},
    {"SD", "SDN", "Sudan", false},
    {"SE", "SWE", "Sweden", true},
    {"SG", "SGP", "Singapore", false},
    {"SH", "SHN", "St. Helena", false},
    {"SI", "SVN", "Slovenia", true},
    {"SJ", "SJM", "Svalbard & Jan Mayen", false},
    {"SK", "SVK", "Slovakia", true},
    {"SL", "SLE", "Sierra Leone", false},
    {"SM", "SMR", "San Marino", false},
    {"SN", "SEN", "Senegal", false},
    {"SO", "SOM", "Somalia", false},
    {"SR", "SUR", "Suriname", false},
    {"SS", "SSD", "South Sudan", false},
    {"ST", "STP", "São Tomé & Príncipe", false},
    {"SV", "SLV", "El Salvador", false},
    {"SX", "SXM", "Sint Maarten", false},
    {"SY", "SYR", "Syria", false},
    {"SZ", "SWZ", "Eswatini", false},
    {"TC", "TCA", "Turks & Caicos Islands", false},
    {"TD", "TCD", "Chad", false},
    {"TF", "ATF", "French Southern Territories", false},
    {"TG", "TGO", "Togo", false},
    {"TH", "THA", "Thailand", false},
    {"TJ", "TJK", "Tajikistan", false},
    {"TK", "TKL", "Tokelau", false},
    {"TL", "TLS", "Timor-Leste", false},
    {"TM", "TKM", "Turkmenistan", false},
    {"TN", "TUN", "Tunisia", false},
    {"TO", "TON", "Tonga", false},
    {"TR", "TUR", "Türkiye", false},
    {"TT", "TTO", "Trinidad & Tobago", false},
    {"TV", "TUV", "Tuvalu", false},
    {"TW", "TWN", "Taiwan", false},
    {"TZ", "TZA", "Tanzania", false},
    {"UA", "UKR", "Ukraine", false},
    {"UG", "UGA", "Uganda", false},
    {"UM", "UMI", "U.S. Outlying Islands", false},
    {"US", "USA", "United States", false},
    {"UY", "URY", "Uruguay", false},
    {"UZ", "UZB", "Uzbekistan", false},
    {"VA", "VAT", "Vatican City", false},
    {"VC", "VCT", "St. Vincent & Grenadines", false},
    {"VE", "VEN", "Venezuela", false},
    {"VG", "VGB", "British Virgin Islands", false},
    {"VI", "VIR", "U.S. Virgin Islands", false},
    {"VN", "VNM", "Vietnam", false},
    {"VU", "VUT", "Vanuatu", false},
    {"WF", "WLF", "Wallis & Futuna", false},
    {"WS", "WSM", "Samoa", false},
    {"YE", "YEM", "Yemen", false},
    {"YT", "MYT", "Mayotte", false},
    {"ZA", "ZAF", "South Africa", false},
    {"ZM", "ZMB", "Zambia", false},
    {"ZW", "ZWE", "Zimbabwe", false},
};
[[nodiscard]] inline const Country* country_of(std::string_view iso_2) {
    for (const auto& country : kCountries) {
        if (iso_2 == country.iso_2) return &country;
    }
    return nullptr;
}
[[nodiscard]] inline bool needs_customs(std::string_view from, std::string_view to) {
    const auto* sender = country_of(from);
    const auto* receiver = country_of(to);
    return sender && receiver && from != to && !(sender->customs_union && receiver->customs_union);
}
[[nodiscard]] inline const Option* option_of(std::string_view code) {
    for (const auto& option : kOptions) {
        if (code == option.code) return &option;
    }
    return nullptr;
}
[[nodiscard]] inline bool goes_to(const Option& option, std::string_view country) {
    const std::string_view list = option.destinations;
    return list.empty() || list.find(country) != std::string_view::npos;
}
[[nodiscard]] inline const Place* place_of(std::string_view id, std::string_view carriers_id) {
    for (const auto& place : kPlaces) {
        std::int64_t number = 0;
        for (const char c : id.empty() ? carriers_id.substr(carriers_id.starts_with("SP-") ? 3 : 0) : id)
            number = c >= '0' && c <= '9' && number < 100000000 ? number * 10 + (c - '0') : -1;
        if (number == place.id) return &place;
    }
    return nullptr;
}

}  // namespace stoa::sandbox::sendcloud
