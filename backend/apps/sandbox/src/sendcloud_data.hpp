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
    std::int64_t base_cents;
    std::int64_t per_kg_cents;
    std::int64_t max_grams;
    int lead_hours;
    const char* destinations;  // "": anywhere
};
inline constexpr Option kOptions[] = {
    {"sendcloud:letter", "Unstamped letter", "sendcloud", "Sendcloud", "Unstamped letter", 59, false, true, false, 0, 0, 2000, 24, ""},
    {"postnl:standard", "PostNL Standard", "postnl", "PostNL", "PostNL home delivery", 60, false, false, false, 495, 25, 23000, 24,
     "NL BE DE LU FR AT"},
    {"postnl:standard/signature", "PostNL Standard, signature", "postnl", "PostNL", "PostNL, signature on delivery", 60, false, false,
     false, 645, 25, 23000, 24, "NL BE DE LU FR AT"},
    {"dhl:service_point", "DHL Service Point", "dhl", "DHL", "DHL pick-up point", 61, true, false, false, 390, 15, 20000, 24,
     "NL BE DE LU FR AT ES"},
    {"correos:standard", "Correos Standard", "correos", "Correos", "Correos home delivery", 62, false, false, false, 690, 40, 30000, 48,
     "ES PT"},
    {"correos:standard/signature", "Correos Standard, signature", "correos", "Correos", "Correos, signature", 62, false, false, false, 840,
     40, 30000, 48, "ES PT"},
    {"ups:return", "UPS Return", "ups", "UPS", "UPS return", 63, false, false, true, 590, 30, 30000, 48, ""},
};

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
    const char* type;
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
    bool union_member;
};
inline constexpr Country kCountries[] = {
    {"AT", "AUT", "Austria", true},         {"BE", "BEL", "Belgium", true},   {"BG", "BGR", "Bulgaria", true},
    {"CY", "CYP", "Cyprus", true},          {"CZ", "CZE", "Czechia", true},   {"DE", "DEU", "Germany", true},
    {"DK", "DNK", "Denmark", true},         {"EE", "EST", "Estonia", true},   {"ES", "ESP", "Spain", true},
    {"FI", "FIN", "Finland", true},         {"FR", "FRA", "France", true},    {"GR", "GRC", "Greece", true},
    {"HR", "HRV", "Croatia", true},         {"HU", "HUN", "Hungary", true},   {"IE", "IRL", "Ireland", true},
    {"IT", "ITA", "Italy", true},           {"LT", "LTU", "Lithuania", true}, {"LU", "LUX", "Luxembourg", true},
    {"LV", "LVA", "Latvia", true},          {"MT", "MLT", "Malta", true},     {"NL", "NLD", "Netherlands", true},
    {"PL", "POL", "Poland", true},          {"PT", "PRT", "Portugal", true},  {"RO", "ROU", "Romania", true},
    {"SE", "SWE", "Sweden", true},          {"SI", "SVN", "Slovenia", true},  {"SK", "SVK", "Slovakia", true},
    {"AU", "AUS", "Australia", false},      {"CA", "CAN", "Canada", false},   {"CH", "CHE", "Switzerland", false},
    {"GB", "GBR", "United Kingdom", false}, {"JP", "JPN", "Japan", false},    {"NO", "NOR", "Norway", false},
    {"US", "USA", "United States", false},
};
[[nodiscard]] inline const Country* country_of(std::string_view iso_2) {
    for (const auto& country : kCountries) {
        if (iso_2 == country.iso_2) return &country;
    }
    return nullptr;
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
